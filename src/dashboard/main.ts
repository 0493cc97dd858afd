/** The page: a client of the same API as everybody else's. */
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { type Client, type ClientState, connect } from '../client/index.ts';
import { CLOSE_CODE, type HelloMessage, STREAM_PATH } from '../protocol.ts';
import { Account } from './account.ts';
import { byId } from './dom.ts';
import { Electrodes } from './electrodes.ts';
import { ProbabilityChart } from './probability-chart.ts';
import { ScalpMap } from './scalp-map.ts';
import { TraceSweep } from './traces.ts';
import { Verdict } from './verdict.ts';

const TRACE_SCALE_UV = 100;

/** Markers of the form `state:positive` are the simulator's own truth. */
const TRUTH = /^state:(.+)$/;

function start(token?: string): void {
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${STREAM_PATH}`;
  const client = connect(url, token === undefined ? {} : { token });
  client.onState((state) => showConnection(state));
  client.opened().then(
    (hello) => show(client, hello),
    () => {},
  );
}

function show(client: Client, { model, simulated }: HelloMessage): void {
  const bands = model.bands.map(([name]) => name);
  const verdict = new Verdict(model.labels);
  const chart = new ProbabilityChart(byId('history'), model.labels);
  const scalp = new ScalpMap(byId('scalp'), model.montage, bands);
  const traces = new TraceSweep(byId<HTMLCanvasElement>('traces'), TRACE_SCALE_UV);
  const electrodes = new Electrodes();
  const account = new Account();
  byId('scale').textContent = `${TRACE_SCALE_UV} µV from row to row`;
  byId('model').textContent = `model ${model.id}`;
  showSimulated(simulated && !model.simulated, model.simulated);

  client.subscribe('prediction', { policy: 'all' }, (event) => {
    verdict.show(event);
    chart.push(event.t.end_us, event.data.probs);
    account.window(event);
  });
  client.subscribe('features', { policy: 'latest' }, (event) => scalp.show(event.data.values));
  client.subscribe('quality', { policy: 'latest' }, (event) => electrodes.show(event));
  client.subscribe('device', { policy: 'latest' }, (event) => {
    const { device_id, sample_rate_hz, channels, message, state } = event.data;
    byId('device').textContent =
      device_id === null ? message : `${device_id}: ${channels.length} channels at ${sample_rate_hz} Hz, ${state}`;
    traces.setLabels(channels);
    account.device(event);
  });
  client.subscribe('marker', { policy: 'all' }, ({ data }) => {
    const truth = TRUTH.exec(data.label)?.[1];
    byId('truth').textContent = truth === undefined ? `marker: ${data.label}` : `the simulator's own state: ${truth}`;
  });
  client.subscribe('raw', { policy: 'all' }, (frame) => {
    if (frame.info.simulated) showSimulated(true, model.simulated);
    traces.push(frame);
  });
  client.onNotice((notice) => account.notice(notice));
}

function showSimulated(signal: boolean, model: boolean): void {
  const banner = byId('simulated');
  banner.hidden = !signal && !model;
  if (signal && model)
    banner.textContent = 'SIMULATED: signal and model come from a generator and say nothing about a person';
  else if (model) banner.textContent = 'SIMULATED MODEL: trained on simulated data, it says nothing about a person';
  else banner.textContent = 'SIMULATED SIGNAL: a generator makes it, no person';
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
