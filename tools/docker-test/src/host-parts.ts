import { chmodSync, copyFileSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from './run.ts';

/** What a shell script and a build step need. */
const PROGRAMS = ['bash', 'sh', 'env', 'cat', 'chmod', 'chown', 'cp', 'find', 'grep', 'id', 'ls', 'mkdir', 'mv', 'rm', 'sed', 'sleep', 'tr', 'true'];
/** Of Debian and its kin, directories that are links into /usr. */
const LINKS = ['bin', 'lib', 'lib64', 'sbin'];
/** Of the C library, what packages may link to though no program here does. */
const C_LIBRARIES = ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'librt.so.1', 'libpthread.so.0', 'libresolv.so.2', 'libutil.so.1', 'libnss_dns.so.2', 'libnss_files.so.2', 'libstdc++.so.6', 'libgcc_s.so.1'];
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
/** As the images of the makers have them. */
const USERS: Readonly<Record<string, number>> = { root: 0, weir: 1000, clickhouse: 101, postgres: 999, nobody: 65_534 };

/** A root file system that is put together from parts of this machine: what an image of a registry would bring. Linux with glibc only. */
export class HostParts {
  readonly #root: string;
  readonly #libraries = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** A shell and its programs, users, certificates and the links between directories. */
  async begin(): Promise<void> {
    for (const link of LINKS) {
      const path = `/${link}`;
      if (!existsSync(path)) continue;
      if (lstatSync(path).isSymbolicLink()) {
        mkdirSync(join(this.#root, 'usr', link), { recursive: true });
        symlinkSync(readlinkSync(path), join(this.#root, link));
      } else mkdirSync(join(this.#root, link), { recursive: true });
    }
    for (const folder of ['etc', 'proc', 'sys', 'dev', 'root', 'run', 'var/lib']) mkdirSync(join(this.#root, folder), { recursive: true });
    mkdirSync(join(this.#root, 'tmp'));
    // Not as a mode of mkdir, which the umask would narrow.
    chmodSync(join(this.#root, 'tmp'), 0o1777);
    const entries = Object.entries(USERS);
    writeFileSync(join(this.#root, 'etc/passwd'), entries.map(([name, id]) => `${name}:x:${id}:${id}::/${name === 'root' ? 'root' : 'tmp'}:/bin/sh\n`).join(''));
    writeFileSync(join(this.#root, 'etc/group'), entries.map(([name, id]) => `${name}:x:${id}:\n`).join(''));
    writeFileSync(join(this.#root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
    if (existsSync(CERTIFICATES)) this.#copy(CERTIFICATES);
    for (const program of PROGRAMS) await this.program(program);
    const standard = [...this.#libraries].find((path) => path.endsWith('/libc.so.6'));
    for (const name of standard === undefined ? [] : C_LIBRARIES) {
      const path = join(dirname(standard!), name);
      if (existsSync(path)) this.#copy(path);
    }
  }

  /** A program by its name, at /usr/bin, with the libraries that it needs. */
  async program(name: string, from?: string): Promise<void> {
    const found = from ?? (await run('bash', ['-c', `type -P ${name}`])).stdout.trim();
    const file = realpathSync(found);
    const target = join(this.#root, 'usr/bin', name);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
    chmodSync(target, 0o755);
    await this.librariesOf(file);
  }

  /** A whole folder, to another place; what its programs and libraries need comes along. */
  async folder(from: string, to: string, isWanted: (path: string) => boolean = () => true): Promise<void> {
    cpSync(from, join(this.#root, to), { recursive: true, dereference: true, filter: isWanted });
    for (const file of readdirSync(from, { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name);
      if (file.isFile() && isWanted(path) && /(\.so(\.[\d.]+)?|\.node)$|\/bin\/[^/.]+$/.test(path)) await this.librariesOf(path);
    }
  }

  /** The shared libraries of a program, and the loader. */
  async librariesOf(file: string): Promise<void> {
    const { stdout } = await run('ldd', [file]);
    for (const [, path] of stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)) {
      // What lies beside the file itself comes with its folder.
      if (path === undefined || this.#libraries.has(path) || !/^\/(usr\/)?lib/.test(path)) continue;
      this.#libraries.add(path);
      this.#copy(path);
    }
  }

  /** Puts a file where it is on this machine; a link to it becomes the file. */
  #copy(path: string): void {
    const folder = join(this.#root, realpathSync(dirname(path)));
    mkdirSync(folder, { recursive: true });
    copyFileSync(realpathSync(path), join(folder, basename(path)));
  }
}
