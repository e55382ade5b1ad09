import { layers } from '@weir/lint';
import type { Layer } from '@weir/lint';
import type { Check, Offence } from '../check.ts';
import { projectsOf } from '../projects.ts';
import type { Project } from '../projects.ts';

/** The layer that a folder belongs to: the one that names it exactly, else the one that names its parent. */
export function layerOfFolder(folder: string): Layer | undefined {
  const parent = `${folder.slice(0, Math.max(0, folder.lastIndexOf('/')))}/*`;
  return layers.find((layer) => layer.folders.includes(folder)) ?? layers.find((layer) => layer.folders.includes(parent));
}

/** Every project bears exactly one layer tag, that of its folder, and its manifest asks for nothing the law denies it. */
export const layerTags: Check = {
  name: 'layers',
  rule: 'Each project has the one layer tag of its folder, and depends on what that layer may import.',
  find(repository) {
    const projects = projectsOf(repository);
    const layerOf = new Map(projects.map((project) => [project.manifest.name, layerOfFolder(project.folder)]));
    return projects.flatMap((project) => [...tagOffences(project), ...dependencyOffences(project, layerOf)]);
  },
};

function tagOffences({ folder, path, manifest }: Project): readonly Offence[] {
  const tags = (manifest.nx?.tags ?? []).filter((tag) => tag.startsWith('layer:'));
  const expected = layerOfFolder(folder);
  if (expected === undefined) return [{ path, what: `no layer has the folder ${folder}; add it to tools/lint/src/dependency-law.ts` }];
  if (tags.length === 1 && tags[0] === `layer:${expected.name}`) return [];
  return [{ path, what: `tags are [${tags.join(', ')}]; the folder asks for exactly layer:${expected.name}` }];
}

function dependencyOffences({ folder, path, manifest }: Project, layerOf: ReadonlyMap<string | undefined, Layer | undefined>): readonly Offence[] {
  const layer = layerOfFolder(folder);
  if (layer === undefined || folder === '.') return [];
  const names = Object.keys(manifest.dependencies ?? {});
  const denied = names.filter((name) => {
    const target = layerOf.get(name);
    return target !== undefined && !layer.mayImport.includes(target.name);
  });
  const offences = denied.map((name) => ({ path, what: `depends on ${name}, which layer:${layer.name} may not import` }));
  const clients = names.filter((name) => !name.startsWith('@weir/') && !name.startsWith('@types/'));
  if (layer.name === 'connector' && clients.length > 1) offences.push({ path, what: `has ${clients.length} clients (${clients.join(', ')}); a connector has one` });
  return offences;
}
