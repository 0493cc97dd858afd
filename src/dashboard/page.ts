/** Creates the panels for the models of the server and subscribes to the events that they show. */

import type { ModelDescription, Source, Verdict } from '../api/events.ts';
import type { HelloMessage, Policy } from '../api/messages.ts';
import { ERROR_CODE } from '../api/protocol.ts';
import type { Client, ClientError, ClientEvent, StreamName } from '../client/index.ts';
import type { Modality } from '../samples.ts';
import type { ConnectionPill } from './connection.ts';
import { byId, create, setText } from './dom.ts';
import { showNotice } from './notices.ts';
import { DecisionPanel } from './panels/decision.ts';
import { ProbabilityChart } from './panels/probability-chart.ts';
import { SimulatedBanner } from './simulated.ts';
import { DEVICE_NAMES, titleText } from './text.ts';
import { createEegView } from './views/eeg.ts';
import { createEogView } from './views/eog.ts';
import { createEyeView } from './views/eye.ts';
import type { View } from './views/view.ts';

const VIEWS: Readonly<Record<Modality, (model: ModelDescription) => View>> = {
  eeg: createEegView,
  eye: createEyeView,
  eog: createEogView,
};

/** `latest` where only the newest state is shown. Features are shown with their prediction, so none are left out. */
const POLICIES: Readonly<Record<StreamName, Policy>> = {
  prediction: 'all',
  features: 'all',
  quality: 'latest',
  gaze: 'all',
  device: 'latest',
  marker: 'all',
  raw: 'all',
};

type Handler<S extends StreamName> = (event: ClientEvent<S>) => void;

export function showPage(client: Client, { models, sources, simulated }: HelloMessage, pill: ConnectionPill): void {
  const isFusion = sources.includes('fusion');
  const modalities = models.map(({ modality }) => modality);
  const mainSource: Source = isFusion ? 'fusion' : modalities[0]!;
  const { labels } = models[0]!;
  const decision = new DecisionPanel(isFusion ? [mainSource, ...modalities] : modalities, models);
  const chart = new ProbabilityChart(labels);
  const banner = new SimulatedBanner(models, simulated);
  const listen = <S extends StreamName>(stream: S, source: Source, ...handlers: (Handler<S> | undefined)[]): void => {
    const subscription = client.subscribe(stream, { policy: POLICIES[stream], source }, (event) => {
      for (const handle of handlers) handle?.(event);
    });
    // Without this notice, nothing would explain why a panel stays empty for this token.
    subscription.accepted.catch((error: ClientError) => {
      if (error.code === ERROR_CODE.forbidden) showNotice(`${stream}: ${error.message}`);
    });
  };
  const showPrediction: Handler<'prediction'> = (event) => {
    decision.show(event);
    if (event.source !== mainSource) return;
    chart.push(event.t.end_us, event.data.probs);
    setTitle(event.data);
  };

  const shared = [decision.element, chart.element] as const;
  const boxes = models.map((model) => {
    const { modality } = model;
    const view = VIEWS[modality](model);
    listen('prediction', modality, showPrediction, view.on.prediction, ({ simulated, data }) => {
      // A prediction of a simulated model, or one without a signal, does not show whether the signal is simulated.
      if (!model.simulated && !data.reasons.includes('stale')) banner.signal(modality, simulated);
    });
    listen('raw', modality, view.on.raw, ({ info }) => banner.signal(modality, info.simulated));
    const line = deviceLine(isFusion ? `${DEVICE_NAMES[modality]} ` : '');
    listen('device', modality, view.on.device, line, ({ simulated }) => {
      if (simulated !== null) banner.signal(modality, simulated);
    });
    for (const stream of ['features', 'quality'] as const) {
      if (view.on[stream] !== undefined) listen(stream, modality, view.on[stream] as Handler<typeof stream>);
    }
    if (view.on.gaze !== undefined) listen('gaze', modality, view.on.gaze);
    const title = isFusion ? DEVICE_NAMES[modality] : null;
    const box = group(modality, title, view.wide, isFusion ? view.narrow : [...shared, ...view.narrow]);
    // Maps and traces of a device that is away are old.
    listen('prediction', modality, ({ data }) => {
      const isStale = data.reasons.includes('stale');
      box.toggleAttribute('data-stale', isStale);
      pill.signal(modality, !isStale);
    });
    return box;
  });
  if (isFusion) listen('prediction', 'fusion', showPrediction);
  client.subscribe('marker', { policy: POLICIES.marker }, (event) => decision.marker(event));
  client.onNotice(({ message, source }) => {
    showNotice(isFusion && source !== undefined ? `${DEVICE_NAMES[source]}: ${message}` : message);
  });

  byId('model').textContent = `model ${models.map(({ id }) => id).join(' + ')}`;
  if (isFusion) byId('panels').append(group('fusion', null, [shared[0]], [shared[1]]));
  byId('panels').append(...boxes);
}

function setTitle(verdict: Verdict): void {
  const title = titleText(verdict);
  if (document.title !== title) document.title = title;
}

/** Two columns. The narrow one is first in the document, because a screen reader should read the decision first. */
function group(
  source: Source,
  title: string | null,
  wide: readonly HTMLElement[],
  narrow: readonly HTMLElement[],
): HTMLElement {
  const element = create('div', '', 'group');
  element.dataset['source'] = source;
  const columns = [create('div', '', 'narrow'), create('div', '', 'wide')] as const;
  columns[0].append(...narrow);
  columns[1].append(...wide);
  if (title !== null) element.append(create('h2', title, 'source'));
  element.append(...columns);
  return element;
}

/** Adds a line about one device to the header. */
function deviceLine(prefix: string): Handler<'device'> {
  const line = create('span', '', 'muted');
  byId('devices').append(line);
  return ({ data: { device_id, sample_rate_hz, channels, message, state } }) => {
    const known = `${device_id}: ${channels.length} channels at ${sample_rate_hz} Hz, ${state}`;
    setText(line, `${prefix}${device_id === null ? message : known}`);
  };
}
