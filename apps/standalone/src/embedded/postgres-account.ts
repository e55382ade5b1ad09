import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** How Postgres is started: it refuses to run as root, so root starts it as another user. */
export interface Account {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Put before a command: nothing, or a program that changes user. */
  readonly prefix: readonly string[];
  /** Gives a path to the user that Postgres runs as. */
  own(path: string): void;
}

const USER = 'postgres';
/** Root's powers over the permissions of files, for a directory that is below one which is root's alone. */
const FILE_POWERS = '+dac_override,+dac_read_search';

/**
 * The account under which Postgres can run the program and use what it owns in the directory: this user's own; for root, the system's user
 * `postgres`, which is made if it is not there. Throws when that user cannot reach them.
 */
export function accountFor(program: string, directory: string): Account {
  if (process.getuid?.() !== 0) return { uid: undefined, gid: undefined, prefix: [], own: () => undefined };
  const { uid, gid } = userId() ?? madeUser();
  const own = (path: string): void => chownSync(path, uid, gid);
  if (reaches([], { uid, gid }, program, directory)) return { uid, gid, prefix: [], own };
  const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', `--inh-caps=${FILE_POWERS}`, `--ambient-caps=${FILE_POWERS}`];
  if (reaches(prefix, {}, program, directory)) return { uid: undefined, gid: undefined, prefix, own };
  throw new Error(`the user ${USER}, as which root has to start Postgres, cannot reach ${program} or ${directory}: let others pass the directories above (chmod o+x)`);
}

function reaches(prefix: readonly string[], ids: { readonly uid?: number; readonly gid?: number }, program: string, directory: string): boolean {
  const [command, ...args] = [...prefix, '/bin/sh', '-c', 'test -x "$1" && test -x "$2"', 'sh', program, directory];
  return spawnSync(command!, args, { cwd: '/', stdio: 'ignore', ...ids }).status === 0;
}

function userId(): { readonly uid: number; readonly gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, USER], { encoding: 'utf8' })).map(({ status, stdout }) => (status === 0 ? Number(stdout) : undefined));
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function madeUser(): { readonly uid: number; readonly gid: number } {
  const { error, stderr } = spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', USER], { encoding: 'utf8' });
  const ids = userId();
  if (ids === undefined) throw new Error(`root cannot run Postgres, and the user ${USER} cannot be made: ${error?.message ?? stderr.trim()}; start as another user`);
  return ids;
}
