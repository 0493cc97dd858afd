/** The import directions of ARCHITECTURE.md, checked. A folder's rule names what it must not import. */
const ours = '^(src|devices|training|test)/';

/** Files under `from` import nothing that `to` matches. */
const forbid = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: typeof to === 'string' ? { path: to } : to,
});

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', comment: 'type-only imports count too', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    forbid('dsp', '^src/dsp/', { path: ours, pathNot: '^src/dsp/' }, 'pure arithmetic, imports nothing of ours'),
    forbid(
      'shared-words',
      '^src/[^/]+\\.ts$',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|dsp/)' },
      'files loose in src import only each other and dsp',
    ),
    forbid(
      'gaze',
      '^src/gaze/',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|dsp/|gaze/)' },
      'gaze knows shared words and dsp',
    ),
    forbid(
      'preprocess',
      '^src/preprocess/',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|dsp/|gaze/|preprocess/)' },
      'the signal path knows no model, API, device or file',
    ),
    forbid(
      'signal-stages',
      '^src/(gaze|preprocess)/',
      'node_modules/rxjs|^src/clock\\.ts|^(node:)?(perf_hooks|fs|net|timers)',
      'stages know no RxJS, clock or I/O',
    ),
    forbid('signal-is-shared', '^src/preprocess/signal/', '^src/preprocess/(eeg|eog|eye)/', 'EEG and EOG alike'),
    forbid(
      'formats',
      '^src/formats/',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|dsp/|gaze/|formats/)' },
      'readers give samples and know no preprocessing',
    ),
    forbid(
      'simulation',
      '^src/simulation/',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|dsp/|gaze/|simulation/)' },
      'the generator knows shared words, dsp and gaze',
    ),
    forbid(
      'model',
      '^src/model/',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|dsp/|gaze/|preprocess/|model/|api/events)' },
      'a bundle knows the signal path that its features come from',
    ),
    forbid(
      'pipeline',
      '^src/pipeline/',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|dsp/|gaze/|preprocess/|model/|api/|pipeline/)' },
      'the pipeline knows no device, server or file',
    ),
    forbid(
      'api',
      '^src/api/',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|gaze/|preprocess/|api/)' },
      'what server, client and dashboard share',
    ),
    forbid(
      'server',
      '^src/server/',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|api/|server/)' },
      'publishes what the API names',
    ),
    forbid('client', '^src/client/', { path: `node_modules|${ours}`, pathNot: '^src/(api|client)/' }, 'no dependency'),
    forbid(
      'dashboard',
      '^src/dashboard/',
      { path: ours, pathNot: '^src/([^/]+\\.ts$|dsp/|gaze/|preprocess/|api/|client/|dashboard/)' },
      'the page is a client like any other',
    ),
    forbid('main-composes', '^src/main/', '^(training|test|src/(cli|dashboard))/', 'main knows all that runs live'),
    forbid('only-main-knows-devices', '^src/(?!main/)', '^devices/', 'everybody else gets an injected device'),
    forbid(
      'devices',
      '^devices/',
      { path: ours, pathNot: '^(devices/|src/([^/]+\\.ts$|gaze/|formats/|simulation/))' },
      'a driver knows samples, formats and simulation',
    ),
    forbid(
      'training-is-offline',
      '^training/',
      '^(devices|test|src/(pipeline|server|cli|main|client|dashboard))/',
      'training knows no device, server or pipeline',
    ),
    forbid(
      'training-shared',
      '^training/(?!cmcrd/|eog/|[^/]+\\.ts$)',
      '^training/(cmcrd|eog)/',
      'what both systems share',
    ),
    forbid('cmcrd-apart', '^training/cmcrd/', '^training/eog/', 'the two systems are apart'),
    forbid('eog-apart', '^training/eog/', '^training/cmcrd/', 'the two systems are apart'),
    forbid('no-tests', '^(src|devices|training)/', '^test/', 'tests import the product, never the other way'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
