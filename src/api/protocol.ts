/** Names, scopes and numbers of the WebSocket API, version 1. Server, client and dashboard share them. */

import type { Notice, Source, StreamName } from './events.ts';

export const PROTOCOL_VERSION = '1.1';
export const SUBPROTOCOL = 'affect-edge.v1+json';
export const STREAM_PATH = '/v1/stream';

export const STREAM_NAMES = [
  'prediction',
  'features',
  'quality',
  'gaze',
  'device',
  'marker',
  'raw',
] as const satisfies StreamName[];

export const SOURCES = ['eeg', 'eye', 'eog', 'fusion'] as const satisfies Source[];

export const SCOPES = ['predictions', 'features', 'raw', 'markers', 'control', 'admin'] as const;
/** A permission of an access token. `admin` includes every other scope. */
export type Scope = (typeof SCOPES)[number];

/** The scope that a token needs to read a stream; null: every connected client may read it. */
export const STREAM_SCOPE: Readonly<Record<StreamName, Scope | null>> = {
  prediction: 'predictions',
  features: 'features',
  quality: null,
  gaze: 'features',
  device: null,
  marker: 'markers',
  raw: 'raw',
};

export const CLOSE_CODE = {
  goingAway: 1001,
  garbage: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  authTimeout: 4408,
  tooSlow: 4429,
} as const;

export const ERROR_CODE = {
  /** Not JSON, or not text. */
  badJson: 100,
  /** JSON, but not an object with an integer `id`. */
  badMessage: 101,
  unknownCommand: 102,
  /** A field is missing, wrong or unknown. */
  invalidCommand: 103,
  tooLarge: 104,
  rateLimited: 105,
  forbidden: 201,
  alreadyAuthenticated: 202,
  unknownSubscription: 300,
  tooManySubscriptions: 301,
  /** A command of a later version. */
  notSupported: 400,
  internal: 500,
} as const;
/**
 * Why the server refused a message: 100 not JSON, 101 no object with an `id` and a `type`, 102 unknown command, 103 a
 * field is missing, wrong or unknown, 104 message too long, 105 too many commands in a second, 201 the token lacks the
 * scope, 202 already authenticated, 300 unknown subscription, 301 too many subscriptions, 400 not supported in this
 * version, 500 internal.
 */
export type ErrorNumber = (typeof ERROR_CODE)[keyof typeof ERROR_CODE];

export const NOTICE_CODE: Readonly<Record<Notice['name'], number>> = {
  device_lost: 600,
  device_back: 601,
  gap: 602,
  shutting_down: 603,
  signal_doubt: 604,
  rate_mismatch: 605,
  clock_step: 606,
};
