// A lock file that lets one process at a time build.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const POLL_MS = 100;

/** Creates `path` with this process's id; waits while another running process holds it. */
export async function acquireLock(path) {
  while (!tryLock(path)) {
    const holder = readHolder(path);
    if (holder !== undefined && !isRunning(holder)) rmSync(path, { force: true });
    else await setTimeout(POLL_MS);
  }
}

function tryLock(path) {
  try {
    writeFileSync(path, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The holder's process id, or undefined where the lock was just released or isn't written yet. */
function readHolder(path) {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
