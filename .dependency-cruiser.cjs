/** The import directions of ARCHITECTURE.md, checked. */
const only = (name, from, to, comment) => ({ name, severity: 'error', comment, from: { path: from }, to });
const ours = '^(src|devices|training|test)/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('dsp-stands-alone', '^src/dsp/', { path: ours, pathNot: '^src/dsp/' }, 'dsp imports nothing of ours'),
    only(
      'stages-are-pure',
      '^src/(stages/|preprocess)',
      {
        path: '^(devices|training|src/(pipeline|server|cli|main|recording|outlets|model|client|dashboard))|node_modules/rxjs|^(node:)?(perf_hooks|fs|net|timers)',
      },
      'stages know no RxJS, clock or device',
    ),
    only(
      'training-is-offline',
      '^training/',
      { path: '^(devices|src/(pipeline|server|cli|main|outlets|client|dashboard))' },
      'training knows no device, server or pipeline',
    ),
    only(
      'only-main-knows-devices',
      '^src/',
      { path: '^devices/' },
      'only main (and the commands it serves) knows devices',
    ),
    only(
      'devices-know-samples-only',
      '^devices/',
      { path: '^(training|src/(pipeline|server|cli|main|model|stages|preprocess|outlets|client|dashboard))' },
      'a driver knows samples, errors, formats and simulation',
    ),
    only(
      'client-stands-alone',
      '^src/client/',
      { path: '^(devices|training|src/(?!client|protocol))|node_modules' },
      'the client has no dependency',
    ),
    only(
      'nobody-imports-tests',
      '^(src|devices|training)/',
      { path: '^test/' },
      'tests import the product, never the other way',
    ),
  ].map((rule) =>
    rule.name === 'only-main-knows-devices' ? { ...rule, from: { path: '^src/', pathNot: '^src/(main|cli)' } } : rule,
  ),
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
