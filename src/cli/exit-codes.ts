import { type ErrorCode, isAffectEdgeError } from '../errors.ts';

/** Documented in docs/: the exit status that a script sees. */
const EXIT: Record<ErrorCode, number> = {
  CONFIG_INVALID: 2,
  FILE_NOT_FOUND: 3,
  FILE_INVALID: 3,
  FILE_UNSUPPORTED: 3,
  DATA_INVALID: 3,
  DISK_FULL: 3,
  PORT_NOT_FOUND: 4,
  PORT_BUSY: 4,
  PORT_NO_PERMISSION: 4,
  PORT_FAILED: 4,
  HOST_NOT_FOUND: 4,
  HOST_UNREACHABLE: 4,
  DEVICE_WRONG: 4,
  DEVICE_SILENT: 4,
  BAUD_TOO_LOW: 4,
  MONTAGE_MISSING_ELECTRODE: 5,
  RATE_UNSUPPORTED: 5,
  MODEL_INVALID: 5,
  MODEL_MISMATCH: 5,
  ADDRESS_IN_USE: 6,
  AUTH_REQUIRED: 6,
  BACKEND_FAILED: 7,
  INTERRUPTED: 130,
  INTERNAL: 1,
};

export function exitCodeOf(error: unknown): number {
  return isAffectEdgeError(error) ? EXIT[error.code] : EXIT.INTERNAL;
}
