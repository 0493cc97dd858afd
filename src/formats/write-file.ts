/** Writes files and folders, and explains why that failed. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { AffectEdgeError, messageOf } from '../errors.ts';

/**
 * Writes the whole file or nothing: writes a temporary file beside it and renames that. Throws DISK_FULL,
 * FILE_NOT_FOUND, FILE_INVALID.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeError(path, error);
  }
}

/** Creates the folder and its parents. Throws as `writeFileAtomic` does. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw writeError(path, error);
  });
}

export function writeError(path: string, error: unknown): AffectEdgeError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AffectEdgeError('DISK_FULL', `${path}: no space left on the disk; free some or write elsewhere`, {
      cause: error,
    });
  }
  if (code === 'ENOENT') {
    return new AffectEdgeError('FILE_NOT_FOUND', `${path}: its folder does not exist`, { cause: error });
  }
  return new AffectEdgeError('FILE_INVALID', `${path}: can't be written (${messageOf(error)})`, { cause: error });
}
