/** A recording file in memory, and the error that refuses it. */
import { readFile } from 'node:fs/promises';
import { AffectEdgeError, messageOf } from '../errors.ts';

export interface SourceFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Throws FILE_NOT_FOUND, FILE_UNSUPPORTED (larger than 2 GiB), FILE_INVALID. */
export async function readSourceFile(path: string): Promise<SourceFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw readError(path, error);
  });
  return { path, bytes };
}

export function fileInvalid(path: string, problem: string): AffectEdgeError {
  return new AffectEdgeError('FILE_INVALID', `${path}: ${problem}`);
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
