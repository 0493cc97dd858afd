/** The typed client of the WebSocket API: reconnects, subscribes again and resumes. No dependency; browsers and Node. */
export { type Client, ClientError, type ClientOptions, type ClientState, type NoticeMessage } from './api.ts';
export { connect } from './client.ts';
export type { RawFrame } from './raw.ts';
export type { ClientEvent, ClientSubscription, StreamName, SubscribeOptions } from './subscription.ts';
