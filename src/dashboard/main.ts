/** Starts the dashboard, which is a client of the public API. */
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { CLOSE_CODE, STREAM_PATH } from '../api/protocol.ts';
import { type ClientState, connect } from '../client/index.ts';
import { ConnectionPill } from './connection.ts';
import { byId } from './dom.ts';
import { isEqual } from './equal.ts';
import { showPage } from './page.ts';

const pill = new ConnectionPill();

function start(token?: string): void {
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${STREAM_PATH}`;
  const client = connect(url, token === undefined ? {} : { token });
  client.onState((state) => showConnection(state));
  client.opened().then(
    (hello) => {
      showPage(client, hello, pill);
      client.onState(({ name }) => {
        // A restarted server with other models needs other panels.
        if (name === 'open' && !isEqual(client.hello?.models, hello.models)) location.reload();
      });
    },
    () => {},
  );
}

function showConnection(state: ClientState): void {
  pill.client(state);
  byId('login').hidden = !(state.name === 'closed' && state.code === CLOSE_CODE.unauthenticated);
}

byId<HTMLFormElement>('login').addEventListener('submit', (event) => {
  event.preventDefault();
  start(byId<HTMLInputElement>('token').value);
});
start();
