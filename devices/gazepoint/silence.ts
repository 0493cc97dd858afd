/** Likely reasons why no samples come, by what arrived last. */
export const SILENCE = {
  nothing: 'Is Gazepoint Control running there, and is this the port of its Open Gaze API?',
  answers: 'Gazepoint Control answers but sends no records: is the tracker plugged in, and its camera on?',
  'no-picture': 'Gazepoint Control reports that it has no data: is the tracker plugged in, and its camera on?',
  unplaced: 'Its records have no counter (CNT) or no time (TIME) that is a number: update Gazepoint Control',
  records: 'Its records have stopped: is the tracker still plugged in, and Gazepoint Control running?',
} as const;
