#!/usr/bin/env node
// What `npx nayose` starts. Node before 22.18 cannot read TypeScript: said here, since main.ts could not say it.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `nayose needs Node 22.18 or later, and this is ${process.versions.node}. In the checkout use 'npm run -s nayose -- …': on Linux npm brings its own.\n`,
  );
  process.exitCode = 1;
} else {
  const { start } = await import('./main.ts');
  start();
}
