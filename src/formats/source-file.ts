/** A recording file in memory, unpacked, text as UTF-8; and the error that refuses it. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AffectEdgeError, messageOf } from '../errors.ts';
import { toUtf8 } from './text-encoding.ts';

export interface SourceFile {
  readonly path: string;
  readonly bytes: Buffer;
}

const GIB = 2 ** 30;
/** Limit of a packed file's content, as Node's limit of a file that is read whole. */
const MAX_UNPACKED_BYTES = 2 * GIB;

/** Throws FILE_NOT_FOUND, FILE_UNSUPPORTED (larger than 2 GiB, packed by anything but gzip), FILE_INVALID. */
export async function readSourceFile(path: string, maxUnpackedBytes = MAX_UNPACKED_BYTES): Promise<SourceFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw readError(path, error);
  });
  return { path, bytes: toUtf8(await unpack(path, bytes, maxUnpackedBytes)) };
}

export function fileInvalid(path: string, problem: string): AffectEdgeError {
  return new AffectEdgeError('FILE_INVALID', `${path}: ${problem}`);
}

async function unpack(path: string, bytes: Buffer, maxOutputLength: number): Promise<Buffer> {
  const isPacked = (magic: string) => bytes.toString('latin1', 0, magic.length) === magic;
  if (isPacked('PK\x03\x04'))
    throw new AffectEdgeError('FILE_UNSUPPORTED', `${path}: is a zip archive: unpack it first`);
  if (!isPacked('\x1f\x8b')) return bytes;
  return promisify(gunzip)(bytes, { maxOutputLength }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new AffectEdgeError(
        'FILE_UNSUPPORTED',
        `${path}: unpacks to more than ${maxOutputLength / GIB} GiB; split it first`,
        { cause: error },
      );
    }
    throw fileInvalid(path, `its gzip packing is damaged or cut (${messageOf(error)})`);
  });
}

function readError(path: string, error: unknown): AffectEdgeError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT')
    return new AffectEdgeError('FILE_NOT_FOUND', `${path}: there is no such file`, { cause: error });
  if (code === 'EISDIR') return fileInvalid(path, 'is a folder, expected a recording');
  if (code === 'ERR_FS_FILE_TOO_LARGE') {
    return new AffectEdgeError('FILE_UNSUPPORTED', `${path}: is larger than 2 GiB; split it first`, { cause: error });
  }
  return fileInvalid(path, `can't be read (${messageOf(error)})`);
}
