import { Content } from './content.ts'

/** What a directory has by a name; `serial` grows, so that a listing goes on where it was though names come and go. */
export interface Entry { node: TreeNode, serial: number }

export interface Times { accessedNs: bigint, changedNs: bigint }

interface Common extends Times {
  readonly number: number
  /** Names that it has. */
  links: number
}

export interface FileNode extends Common { readonly kind: 'file', readonly content: Content, executable: boolean }
export interface DirectoryNode extends Common { readonly kind: 'directory', readonly entries: Map<string, Entry> }
export interface LinkNode extends Common { readonly kind: 'link', readonly target: string }

/** What stands in a tree of files. */
export type TreeNode = FileNode | DirectoryNode | LinkNode

export const FILE_TYPES = { unknown: 0, directory: 3, file: 4, socket: 6, link: 7 } as const
