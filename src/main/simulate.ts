/** The device at the other end of a cable, for `affect-edge simulate`. */
import type { Observable } from 'rxjs';
import { PACKET_RATE_HZ } from '../../devices/openbci-cyton/packet.ts';
import { systemBinding } from '../../devices/serial/binding.ts';
import { portOpener } from '../../devices/serial/port.ts';
import { createAmplifier } from '../../devices/simulator/amplifier.ts';
import { parseFaults } from '../../devices/simulator/faults.ts';
import { type PlayerProgress, playOnPort } from '../../devices/simulator/player.ts';
import { generatorSource, recordingSource, type SampleSource } from '../../devices/simulator/source.ts';
import type { Clock } from '../clock.ts';
import type { SerialDeviceName } from '../config.ts';
import { AffectEdgeError } from '../errors.ts';
import type { Recording } from '../formats/recording.ts';
import { cytonMontage } from '../openbci.ts';
import type { Modality } from '../samples.ts';
import { createEegGenerator } from '../simulation/eeg-generator.ts';
import { protocolOf } from './devices.ts';
import { simulatedPerson } from './simulated.ts';

export interface SimulateOptions {
  readonly device: SerialDeviceName;
  /** Its end of the cable. */
  readonly port: string;
  readonly baud?: number;
  readonly seed: number;
  /** Of the generator; default `eeg`. */
  readonly modality?: Modality;
  /** Of the generator; default what such devices usually have. */
  readonly sampleRateHz?: number;
  readonly faults?: string;
  /** Played once in place of the generator. */
  readonly recording?: Recording;
  /** Cyton with 16 channels. */
  readonly daisy?: boolean;
}

/**
 * Progress about once a second; completes at a recording's end; unsubscribing closes the port. Throws CONFIG_INVALID for
 * what the device can't play, RATE_UNSUPPORTED for a rate that the generator does not have.
 */
export function playSimulatedDevice(options: SimulateOptions, clock: Clock): Observable<PlayerProgress> {
  const { device, port, baud = protocolOf(device).defaultBaud, seed, faults, recording } = options;
  const amplifier = createAmplifier({
    protocol: device,
    source: recording === undefined ? generated(options) : recordingSource(recording),
    seed,
    faults: parseFaults(faults ?? ''),
  });
  return playOnPort({ path: port, baud, amplifier, clock, openPort: portOpener(systemBinding) });
}

function generated({ device, modality = 'eeg', seed, sampleRateHz, daisy = false }: SimulateOptions): SampleSource {
  if (device === 'biosignal') return simulatedPerson({ modality, seed, sampleRateHz });
  const rateHz = PACKET_RATE_HZ / (daisy ? 2 : 1);
  if (modality !== 'eeg' || (sampleRateHz ?? rateHz) !== rateHz) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--device ${device} plays EEG at ${rateHz} Hz, not ${modality} at ${sampleRateHz ?? 'a rate of its own'}: ` +
        'leave out --modality and --rate, or play it as --device biosignal',
    );
  }
  return generatorSource(
    createEegGenerator({ seed, preset: 'demo', montage: cytonMontage(daisy), sampleRateHz: rateHz }),
  );
}
