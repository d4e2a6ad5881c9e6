import type { Grant } from './grant.ts'

/** What people are usually given. */
export const ROLES = {
  /** Everything. */
  admin: [{ can: ['*'] }],
  /** Runs programs, and does with them as it likes; sees what the cloud has. */
  user: [
    {
      can: [
        'processes.spawn', 'resources.*', 'names.read', 'communication.dial', 'store.*', 'cloud.read', 'access.self'
      ]
    },
    { can: ['processes.*', 'communication.*'], on: ['own'] }
  ],
  /** Looks, and touches nothing. */
  guest: [{ can: ['resources.read', 'names.read', 'cloud.read', 'access.self'] }]
} as const satisfies Record<string, readonly Grant[]>

export type Role = keyof typeof ROLES

export function isRole (value: string): value is Role {
  return Object.hasOwn(ROLES, value)
}
