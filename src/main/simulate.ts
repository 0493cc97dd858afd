/** The amplifier at the other end of a cable, for `affect-edge simulate`. */
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
import type { Recording } from '../formats/recording.ts';
import { EEG62 } from '../montage.ts';
import { cytonMontage } from '../openbci.ts';
import { createEegGenerator } from '../simulation/eeg-generator.ts';
import { protocolOf, SIMULATOR_RATE_HZ } from './devices.ts';

export interface SimulateOptions {
  readonly device: SerialDeviceName;
  /** Its end of the cable. */
  readonly port: string;
  readonly baud?: number;
  readonly seed: number;
  readonly faults?: string;
  /** Played once in place of the generator. */
  readonly recording?: Recording;
  /** Cyton with 16 channels. */
  readonly daisy?: boolean;
}

/** Progress about once a second; completes at a recording's end; unsubscribing closes the port. */
export function playSimulatedDevice(options: SimulateOptions, clock: Clock): Observable<PlayerProgress> {
  const { device, port, baud = protocolOf(device).defaultBaud, seed, faults, recording } = options;
  const amplifier = createAmplifier({
    protocol: device,
    source: recording === undefined ? simulatedPerson(options) : recordingSource(recording),
    seed,
    faults: parseFaults(faults ?? ''),
  });
  return playOnPort({ path: port, baud, amplifier, clock, openPort: portOpener(systemBinding) });
}

function simulatedPerson({ device, seed, daisy = false }: SimulateOptions): SampleSource {
  const electrodes =
    device === 'biosignal'
      ? { montage: EEG62, sampleRateHz: SIMULATOR_RATE_HZ }
      : { montage: cytonMontage(daisy), sampleRateHz: PACKET_RATE_HZ / (daisy ? 2 : 1) };
  return generatorSource(createEegGenerator({ seed, preset: 'demo', ...electrodes }));
}
