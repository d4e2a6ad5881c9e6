import { lchown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectId } from '@welkin/interface'
import { asCloudError } from '@welkin/platform-node/faults'

/** Beyond what systems give to people, services and containers (see systemd's UIDS-GIDS.md). */
const FIRST_USER = 0x70000000
const ID_DIGITS = 6

/** The number of the user, and of the group, that an object's tasks run as: the same for all its attempts. */
export function userOf (id: ObjectId): number {
  return FIRST_USER + Number.parseInt(id.slice(0, ID_DIGITS), 16)
}

/** The command that becomes this user, for good and without any right, and runs what is added to it. */
export function ownUserCommand (setpriv: readonly string[], user: number): string[] {
  return [
    ...setpriv, `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all',
    '--inh-caps=-all', '--'
  ]
}

/** Gives a directory, with all that is in it unless it is empty, to a user. */
export async function giveTo (user: number, directory: string): Promise<void> {
  try {
    await lchown(directory, user, user)
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) await giveTo(user, path)
      else await lchown(path, user, user)
    }
  } catch (error) {
    throw asCloudError(error, 'The working directory could not be given to the user of the task')
  }
}
