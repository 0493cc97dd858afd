/**
 * The typed client of the WebSocket API, for browsers and Node. It reconnects, subscribes again and resumes, and depends
 * on no package.
 */
export {
  type Client,
  ClientError,
  type ClientEvent,
  type ClientOptions,
  type ClientState,
  type ClientSubscription,
  type NoticeMessage,
  type StreamName,
  type SubscribeOptions,
} from './api.ts';
export { connect } from './client.ts';
export type { RawFrame } from './raw.ts';
