/** Starts the dashboard, which is a client of the public API. */
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { CLOSE_CODE, STREAM_PATH } from '../api/protocol.ts';
import { type ClientState, connect } from '../client/index.ts';
import { byId } from './dom.ts';
import { isEqual } from './equal.ts';
import { showPage } from './page.ts';

function start(token?: string): void {
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${STREAM_PATH}`;
  const client = connect(url, token === undefined ? {} : { token });
  client.onState((state) => showConnection(state));
  client.opened().then(
    (hello) => {
      showPage(client, hello);
      client.onState(({ name }) => {
        // A restarted server with other models needs other panels.
        if (name === 'open' && !isEqual(client.hello?.models, hello.models)) location.reload();
      });
    },
    () => {},
  );
}

function showConnection(state: ClientState): void {
  const pill = byId('connection');
  const needsToken = state.name === 'closed' && state.code === CLOSE_CODE.unauthenticated;
  pill.dataset['state'] = state.name === 'open' ? 'good' : 'bad';
  if (needsToken) pill.textContent = 'a token is needed';
  else if (state.name === 'open') pill.textContent = 'connected';
  else if (state.name === 'waiting') {
    pill.textContent = `connection lost, trying again in ${(state.retryInMs / 1000).toFixed(1)} s`;
  } else pill.textContent = state.name === 'closed' ? state.reason || 'closed' : 'connecting';
  byId('login').hidden = !needsToken;
}

byId<HTMLFormElement>('login').addEventListener('submit', (event) => {
  event.preventDefault();
  start(byId<HTMLInputElement>('token').value);
});
start();
