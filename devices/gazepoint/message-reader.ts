import { type OpenGazeMessage, parseOpenGaze } from '../../src/formats/gaze/open-gaze/message.ts';

export interface MessageSink {
  /** @param bytes length of the message on the wire, with the end of its line. */
  message(message: OpenGazeMessage, bytes: number): void;
  /** Text that is not a message; one character is one byte. */
  discarded(text: string): void;
}

/** The longest messages, calibration results, have about 1 KiB. */
const LONGEST_LINE = 8192;

/**
 * Finds the messages in a stream of bytes. A message starts with "<" and contains no other, so the message after a
 * truncated one is found even where the end of the line is missing.
 */
export class MessageReader {
  /** The start of an incomplete line. */
  #rest = '';
  /** Inside a line that is too long. */
  #skipping = false;

  push(bytes: Uint8Array, sink: MessageSink): void {
    const text = this.#rest + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    let from = 0;
    for (let end = text.indexOf('\n', this.#rest.length); end >= 0; end = text.indexOf('\n', from)) {
      this.#take(text.slice(from, end + 1), sink);
      from = end + 1;
    }
    this.#rest = text.slice(from);
    if (this.#skipping || this.#rest.length > LONGEST_LINE) {
      this.#skipping = true;
      this.#drop(sink);
    }
  }

  /** The stream has ended: an incomplete line is discarded. */
  end(sink: MessageSink): void {
    this.#skipping = false;
    this.#drop(sink);
  }

  #take(line: string, sink: MessageSink): void {
    if (this.#skipping || line.length > LONGEST_LINE) {
      this.#skipping = false;
      sink.discarded(line);
      return;
    }
    for (const part of line.split(/(?=<)/)) {
      const message = parseOpenGaze(part);
      if (message) sink.message(message, part.length);
      else sink.discarded(part);
    }
  }

  #drop(sink: MessageSink): void {
    if (this.#rest !== '') sink.discarded(this.#rest);
    this.#rest = '';
  }
}
