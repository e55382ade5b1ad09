import { invariant } from '@weir/model';
import type * as Testcontainers from 'testcontainers';

/** What talks to the engine that testcontainers found. */
export type Engine = Awaited<ReturnType<typeof Testcontainers.getContainerRuntimeClient>>;

/** A container as the engine has it. */
export type EngineContainer = ReturnType<Engine['container']['getById']>;

let found: Promise<Engine> | undefined;

/** Loaded when it is asked for: it takes half a second, and most machines need it only to find that there is no engine. */
export function testcontainers(): Promise<typeof Testcontainers> {
  return import('testcontainers');
}

/** The engine: that of DOCKER_HOST, of the current context, or at one of the usual sockets. Rejects when none answers. */
export function engine(): Promise<Engine> {
  return (found ??= testcontainers().then(({ getContainerRuntimeClient }) => getContainerRuntimeClient()));
}

/** Removes a container with its volumes, whatever state it is in; nothing when there is none of that name. */
export async function removeContainer(name: string): Promise<void> {
  invariant(name !== '', 'a container is named');
  const { container } = await engine();
  await container
    .getById(name)
    .remove({ force: true, v: true })
    .catch((error: unknown) => {
      if ((error as { readonly statusCode?: number }).statusCode !== 404) throw error;
    });
}
