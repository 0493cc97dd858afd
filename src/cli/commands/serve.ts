import { Command, Option } from 'commander';
import type { Notice, StreamEvent } from '../../api/events.ts';
import { systemClock } from '../../clock.ts';
import { given } from '../../given.ts';
import { certificateWarning } from '../../main/certificate.ts';
import { type Config, DEVICES, EYE_DEVICES, loadConfig, SIMULATED_MODALITIES } from '../../main/config.ts';
import { createDevices } from '../../main/devices.ts';
import { dashboardDir, resolveModelDir } from '../../main/package-root.ts';
import { parseLabels, parseNumber } from '../../main/parse.ts';
import { type ServiceSource, startService } from '../../main/service.ts';
import { loadBundle } from '../../model/bundle.ts';
import { isLoopback } from '../../server/config.ts';
import { openBrowser } from '../open-browser.ts';
import { LOG_LEVELS, type LogLevel, type Output, type ServiceLog } from '../output.ts';
import { type ScreenFlags, withScreen } from '../screen.ts';
import { noteSimulated } from '../simulated.ts';
import { version } from '../version.ts';

interface Flags extends ScreenFlags {
  config?: string;
  device?: string;
  port?: string;
  baud?: number;
  host?: string;
  montage?: string[];
  model?: string;
  eyeDevice?: string;
  eyePort?: string;
  eyeBaud?: number;
  eyeHost?: string;
  eyeModel?: string;
  modality?: string;
  hop?: number;
  listen?: string;
  httpPort?: number;
  seed?: number;
  faults?: string;
  open?: boolean;
  logLevel?: LogLevel;
}

/** `npm start`: the simulated amplifier over the real serial protocol, a bundled model, the dashboard. */
export function demoCommand(output: Output, log?: ServiceLog): Command {
  const command = new Command('demo').description('run the whole live path on a simulated person, without hardware');
  return withOutlets(withSimulator(command)).action((flags: Flags) => serve(flags, output, log, simulatedOnly));
}

export function serveCommand(output: Output, log?: ServiceLog): Command {
  const command = new Command('serve')
    .description('read a device, or an EEG device and an eye tracker, classify, publish over WebSocket')
    .addOption(new Option('--device <name>', 'the connected device').choices([...DEVICES]))
    .option('--port <path>', 'its serial port, such as /dev/ttyACM0 or COM3; gazepoint: its TCP port')
    .option('--baud <n>', 'its baud rate', parseNumber)
    .option('--host <name>', 'gazepoint: name or address of its computer')
    .option('--montage <labels>', 'channel labels in order, for a device that does not report them', parseLabels)
    .addOption(new Option('--eye-device <name>', 'an eye tracker beside the device').choices([...EYE_DEVICES]))
    .option('--eye-port <path>', 'its port')
    .option('--eye-baud <n>', 'its baud rate', parseNumber)
    .option('--eye-host <name>', 'gazepoint: name or address of its computer')
    .option('--eye-model <dir>', 'its model bundle');
  return withOutlets(withSimulator(withScreen(command))).action((flags: Flags) => serve(flags, output, log));
}

function withSimulator(command: Command): Command {
  return command
    .addOption(new Option('--modality <name>', 'signal of the simulator').choices([...SIMULATED_MODALITIES]))
    .option('--seed <n>', "the simulator's seed; each seed is another wearer", parseNumber)
    .option('--faults <list>', 'faults of the simulated amplifier, such as loss=0.01,unplug=60');
}

function withOutlets(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (JSON); flags win over it')
    .option('--model <dir>', 'model bundle')
    .option('--hop <s>', 'seconds between predictions, 0.25-4', parseNumber)
    .option('--listen <address>', 'address to listen on; beyond loopback it needs tokens')
    .option('--http-port <n>', 'port of the page and the API; 0: any free port', parseNumber)
    .addOption(
      new Option('--log-level <level>', 'least level of the lines of the log').choices([...LOG_LEVELS]).default('info'),
    )
    .option('--no-open', 'do not open the page in a browser');
}

/** A demonstration uses no hardware, even where the file or the environment names a device. */
function simulatedOnly(config: Config): Config {
  const { eye: _eye, screen_px: _px, screen_mm: _mm, distance_mm: _distance, ...own } = config;
  if (own.device === undefined || own.device === 'simulator') return { ...own, device: 'simulator' };
  const { port: _port, baud: _baud, host: _host, montage: _montage, ...rest } = own;
  return { ...rest, device: 'simulator' };
}

async function serve(
  flags: Flags,
  output: Output,
  log: ServiceLog | undefined,
  adapt = (config: Config): Config => config,
): Promise<void> {
  const config = adapt(loadConfig({ file: flags.config, env: process.env, flags: toConfig(flags) }));
  const sources: ServiceSource[] = [];
  for (const { model, ...connected } of createDevices(config, systemClock)) {
    sources.push({ ...connected, model: await loadBundle(resolveModelDir(model)) });
  }
  const models = sources.map(({ model }) => model.manifest);
  const isSimulated = sources.some(({ simulated }) => simulated);
  const service = await startService({
    sources: sources as [ServiceSource, ...ServiceSource[]],
    clock: systemClock,
    server: {
      ...config.server,
      dashboardDir,
      version,
      clock: systemClock,
      ...given({ droppedLogLines: log && (() => log.dropped) }),
    },
    ...given({ hopS: config.hop_s }),
    onEvent: reporter(output, isSimulated),
  });
  // Before the address is printed, so that a program that reads it can already end the service.
  const close = (): void => void service.close();
  // A terminal that goes away ends the service as SIGTERM does.
  for (const signal of ENDING) process.once(signal, close);
  log?.start(flags.logLevel ?? 'info');
  output.event(
    {
      event: 'listening',
      ws: service.wsUrl,
      http: service.httpUrl,
      device: sources[0]!.device.name,
      model: models[0]!.id,
      sources: sources.map(({ device, model: { manifest } }) => ({
        source: manifest.modality,
        device: device.name,
        model: manifest.id,
      })),
    },
    `affect-edge is listening on ${service.httpUrl} (API ${service.wsUrl}), model ${models.map(({ id }) => id).join(' and ')}`,
  );
  noteSimulated(output, { signal: isSimulated, model: models.some(({ simulated }) => simulated) });
  if (!isLoopback(config.server.host) && config.server.tls === undefined) {
    output.note(
      'WITHOUT TLS: tokens and predictions cross the network readable; give server.tls in the configuration.',
    );
  }
  const certificateTimer = watchCertificate(config.server.tls?.cert, output);
  if (config.open && process.stdout.isTTY) openBrowser(service.httpUrl);

  try {
    await service.run();
  } finally {
    for (const signal of ENDING) process.off(signal, close);
    clearInterval(certificateTimer);
    await service.close();
  }
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const DAY_MS = 86_400_000;

/** Warns at once and every day. */
function watchCertificate(path: string | undefined, output: Output): NodeJS.Timeout | undefined {
  if (path === undefined) return undefined;
  const warn = (): void => {
    const warning = certificateWarning(path, Date.now());
    if (warning !== undefined) output.note(warning);
  };
  warn();
  return setInterval(warn, DAY_MS).unref();
}

function toConfig(flags: Flags): Record<string, unknown> {
  const { config: _file, hop, listen, httpPort, open, logLevel: _level, ...rest } = flags;
  const { screenPx, screenMm, distanceMm, eyeDevice, eyePort, eyeBaud, eyeHost, eyeModel, ...same } = rest;
  const eye = given({ device: eyeDevice, port: eyePort, baud: eyeBaud, host: eyeHost, model: eyeModel });
  return {
    ...same,
    eye: Object.keys(eye).length === 0 ? undefined : eye,
    screen_px: screenPx,
    screen_mm: screenMm,
    distance_mm: distanceMm,
    hop_s: hop,
    open: open === false ? false : undefined,
    server: { host: listen, port: httpPort },
  };
}

/** Prints connected devices and notices; predictions are for the page and the API. */
function reporter(output: Output, isKnownSimulated: boolean): (event: StreamEvent | Notice) => void {
  const known = new Map<string, string>();
  const said = new Map<string, string>();
  let isNoted = isKnownSimulated;
  return (event) => {
    if ('type' in event) {
      const { type: _type, ...notice } = event;
      const whose = event.source === undefined ? '' : `${event.source}: `;
      const sentence = `${whose}${event.message}`;
      // A device that stays away reports the same at every attempt.
      if (said.get(whose) === sentence) return;
      said.set(whose, sentence);
      output.event({ event: 'notice', ...notice }, sentence, 'warn');
    } else if (event.stream === 'raw' && event.block.info.simulated && !isNoted) {
      isNoted = true;
      noteSimulated(output, { signal: true, model: false });
    } else if (event.stream === 'device' && event.data.state === 'streaming') {
      const { device_id, sample_rate_hz, channels } = event.data;
      const sentence = `${device_id}: ${channels.length} channels at ${sample_rate_hz} Hz: ${channels.join(' ')}`;
      if (device_id === null || sentence === known.get(event.source)) return;
      known.set(event.source, sentence);
      output.event({ event: 'device', source: event.source, device_id, sample_rate_hz, channels }, sentence);
    }
  };
}
