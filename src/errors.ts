/** One error class; a message names the thing, the value and the way out. */

export type ErrorCode =
  // input from the user
  | 'CONFIG_INVALID'
  | 'FILE_NOT_FOUND'
  | 'FILE_INVALID'
  | 'FILE_UNSUPPORTED'
  | 'DISK_FULL'
  // devices
  | 'PORT_NOT_FOUND'
  | 'PORT_BUSY'
  | 'PORT_NO_PERMISSION'
  | 'PORT_FAILED'
  | 'HOST_NOT_FOUND'
  | 'HOST_UNREACHABLE'
  | 'DEVICE_WRONG'
  | 'DEVICE_SILENT'
  | 'BAUD_TOO_LOW'
  // signal and model
  | 'MONTAGE_MISSING_ELECTRODE'
  | 'RATE_UNSUPPORTED'
  | 'MODEL_INVALID'
  | 'MODEL_MISMATCH'
  // server
  | 'ADDRESS_IN_USE'
  | 'AUTH_REQUIRED'
  // training
  | 'DATA_INVALID'
  | 'BACKEND_FAILED'
  | 'INTERRUPTED'
  | 'INTERNAL';

export class AffectEdgeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AffectEdgeError';
    this.code = code;
  }
}

export function isAffectEdgeError(error: unknown, code?: ErrorCode): error is AffectEdgeError {
  return error instanceof AffectEdgeError && (code === undefined || error.code === code);
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
