import type { Kept, RoleSession, World } from "../service.ts";

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The temporary keys that this world has given out. They hold until the world is emptied. */
export interface Sessions extends Kept {
  issue(session: RoleSession): RoleCredentials;
  find(accessKeyId: string | undefined): RoleSession | undefined;
  clear(): void;
}

export function createSessions(world: Pick<World, "id">): Sessions {
  const sessions = new Map<string, RoleSession>();
  return {
    issue(session) {
      const accessKeyId = world.id(TEMPORARY, 16).toUpperCase();
      sessions.set(accessKeyId, session);
      return { accessKeyId, secretAccessKey: world.id("", 40), sessionToken: world.id("", 64) };
    },
    find: (accessKeyId) => (accessKeyId === undefined ? undefined : sessions.get(accessKeyId)),
    clear: () => sessions.clear(),
    save: () => sessions,
    restore(saved) {
      sessions.clear();
      for (const [key, session] of saved as Map<string, RoleSession>) sessions.set(key, session);
    },
  };
}

/** Identifiers of temporary keys begin with this; a person's begin otherwise. */
const TEMPORARY = "ASIA";

export function isTemporary(accessKeyId: string | undefined): boolean {
  return accessKeyId?.startsWith(TEMPORARY) ?? false;
}
