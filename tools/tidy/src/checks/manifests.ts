import type { Check, Offence } from '../check.ts';
import { projectsOf } from '../projects.ts';
import type { Project } from '../projects.ts';

const EXACT = /^(npm:(@[^/]+\/)?[^@]+@)?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** Versions are pinned, projects are named alike and have one door. */
export const manifests: Check = {
  name: 'manifests',
  rule: 'Dependencies are pinned exactly; projects are private, named @weir/..., share one version; a lib has the one door src/index.ts.',
  find(repository) {
    const projects = projectsOf(repository);
    const version = projects[0]?.manifest.version;
    return projects.flatMap((project) => [...pinned(project), ...named(project, version)]);
  },
};

function pinned({ path, manifest }: Project): readonly Offence[] {
  return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter(([, wanted]) => !EXACT.test(wanted))
    .map(([name, wanted]) => ({ path, what: `${name} is "${wanted}"; pin it to one version` }));
}

function named({ folder, path, manifest }: Project, version: string | undefined): readonly Offence[] {
  const offences: Offence[] = [];
  if (manifest.private !== true) offences.push({ path, what: 'is not private' });
  if (manifest.version !== version) offences.push({ path, what: `version ${manifest.version ?? '(none)'} differs from the root's ${version ?? '(none)'}` });
  if (folder === '.') return offences;
  if (!/^@weir\/[a-z0-9-]+$/.test(manifest.name ?? '')) offences.push({ path, what: `is named ${manifest.name ?? '(nothing)'}; projects are named @weir/<kebab-case>` });
  const doors = JSON.stringify(manifest.exports);
  if (folder.startsWith('libs/') && doors !== '{".":"./src/index.ts"}') offences.push({ path, what: 'its exports are not the one door ./src/index.ts' });
  return offences;
}
