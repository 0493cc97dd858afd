/** Plays a device on a port, for `affect-edge simulate`. */
import type { Observable } from 'rxjs';
import { playTracker } from '../../devices/gazepoint/player.ts';
import { PACKET_RATE_HZ } from '../../devices/openbci-cyton/packet.ts';
import { systemBinding } from '../../devices/serial/binding.ts';
import { portOpener } from '../../devices/serial/port.ts';
import { createAmplifier } from '../../devices/simulator/amplifier.ts';
import { parseFaults } from '../../devices/simulator/faults.ts';
import { type PlayerProgress, playOnPort } from '../../devices/simulator/player.ts';
import { generatorSource, recordingSource, type SampleSource } from '../../devices/simulator/source.ts';
import type { Clock } from '../clock.ts';
import { AffectEdgeError } from '../errors.ts';
import { cytonMontage } from '../formats/eeg/openbci/board.ts';
import type { Recording } from '../formats/recording.ts';
import { given } from '../given.ts';
import type { Modality } from '../samples.ts';
import { createEegGenerator } from '../simulation/eeg/generator.ts';
import type { PLAYED_DEVICES } from './config.ts';
import { protocolOf } from './devices.ts';
import { parseTcpPort } from './parse.ts';
import { simulatedPerson } from './simulated.ts';

export interface SimulateOptions {
  readonly device: (typeof PLAYED_DEVICES)[number];
  /** Serial port; for a tracker on the network the TCP port on loopback that it listens on. */
  readonly port: string;
  readonly baud?: number;
  readonly seed: number;
  /** Modality of the generator; default: the device's own. */
  readonly modality?: Modality;
  /** Sampling rate of the generator; default: a common rate of such devices. */
  readonly sampleRateHz?: number;
  readonly faults?: string;
  /** Played once instead of the generator. */
  readonly recording?: Recording;
  /** Cyton with 16 channels. */
  readonly daisy?: boolean;
}

/** Rates of the two Gazepoint models. */
const GAZEPOINT_RATES_HZ = [60, 150];

/**
 * Emits progress about once a second and completes at a recording's end; unsubscribing closes the port. Throws
 * CONFIG_INVALID for options that the device can't play, RATE_UNSUPPORTED for a rate that the generator does not have.
 */
export function playSimulatedDevice(options: SimulateOptions, clock: Clock): Observable<PlayerProgress> {
  const { device, port, seed, faults, recording } = options;
  const source = recording === undefined ? generated(options) : recordingSource(recording);
  if (device === 'gazepoint') {
    refuseFor('gazepoint', { faults, baud: options.baud, daisy: options.daisy });
    return playTracker({ source, port: parseTcpPort('--port', port), clock });
  }
  const { baud = protocolOf(device).defaultBaud } = options;
  const amplifier = createAmplifier({ protocol: device, source, seed, faults: parseFaults(faults ?? '') });
  return playOnPort({ path: port, baud, amplifier, clock, openPort: portOpener(systemBinding) });
}

function generated({ device, modality, seed, sampleRateHz, daisy = false }: SimulateOptions): SampleSource {
  if (device === 'biosignal') return simulatedPerson({ modality: modality ?? 'eeg', seed, sampleRateHz });
  if (device === 'gazepoint' && (modality ?? 'eye') === 'eye') {
    const [usual] = GAZEPOINT_RATES_HZ;
    if (sampleRateHz !== undefined && !GAZEPOINT_RATES_HZ.includes(sampleRateHz)) {
      throw new AffectEdgeError(
        'CONFIG_INVALID',
        `--rate is ${sampleRateHz}: a Gazepoint tracker samples at ${GAZEPOINT_RATES_HZ.join(' or ')} Hz`,
      );
    }
    return simulatedPerson({ modality: 'eye', seed, sampleRateHz: sampleRateHz ?? usual });
  }
  const rateHz = PACKET_RATE_HZ / (daisy ? 2 : 1);
  if (device === 'gazepoint' || (modality ?? 'eeg') !== 'eeg' || (sampleRateHz ?? rateHz) !== rateHz) {
    const own = device === 'gazepoint' ? 'an eye tracker' : `EEG at ${rateHz} Hz`;
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--device ${device} plays ${own}, not ${modality ?? 'eeg'} at ${sampleRateHz ?? 'a rate of its own'}: ` +
        'leave out --modality and --rate, or play it as --device biosignal',
    );
  }
  return generatorSource(
    createEegGenerator({ seed, preset: 'demo', montage: cytonMontage(daisy), sampleRateHz: rateHz }),
  );
}

function refuseFor(device: string, flags: Readonly<Record<string, unknown>>): void {
  for (const [flag, value] of Object.entries(given(flags))) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--${flag} is ${value}, which has no meaning for --device ${device}: leave it out`,
    );
  }
}
