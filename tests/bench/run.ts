/** `npm run bench [name…]`: prints ratios measured in one run. Never a test: a slow machine is not a failure. */
const BENCHES: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  ingest: async () => (await import('./ingest.ts')).benchIngest(),
  mailbox: async () => (await import('./mailbox.ts')).benchMailbox(),
  build: async () => (await import('./build.ts')).benchBuild(),
  plan: async () => (await import('./plan.ts')).benchPlan(),
  publish: async () => (await import('./publish.ts')).benchPublish(),
  probe: async () => (await import('./probe.ts')).benchProbe(),
  check: async () => (await import('./check.ts')).benchCheck(),
  review: async () => (await import('./review.ts')).benchReview(),
  costs: async () => (await import('./costs.ts')).benchCosts(),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => BENCHES[name] === undefined);
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n${name}`);
  for (const line of await bench()) console.log(`  ${line}`);
}
