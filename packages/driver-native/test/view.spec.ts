import { chmod, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { bubblewrapCommand } from '../src/isolation/bubblewrap.ts'
import { installationOf, viewOf, type View } from '../src/isolation/view.ts'

describe('What tasks in sandboxes see', () => {
  let home: string
  beforeEach(async () => { home = await realpath(await mkdtemp(join(tmpdir(), 'welkin-view-'))) })
  afterEach(async () => await rm(home, { recursive: true }))

  const view = (rest: Partial<Parameters<typeof viewOf>[0]> = {}): View =>
    viewOf({ searchPath: '/usr/bin:/bin', home, shown: [], hidden: [], doors: [], ...rest })

  it('is the system, and of the home only what the PATH needs', async () => {
    const bin = join(home, '.nvm/versions/v20/bin')
    await mkdir(bin, { recursive: true })
    await symlink(bin, join(home, 'current'))
    const { shown } = view({ searchPath: `/usr/bin:${home}/current:${home}/none:relative` })
    expect(shown).to.include.members(['/usr', '/etc', join(home, 'current'), join(home, '.nvm/versions/v20')])
    expect(shown.filter(path => path.startsWith('/usr/') || path.endsWith('none'))).to.deep.equal([])
    expect(shown).to.not.include(home)
  })

  it('is a whole installation, unless secrets stand in it', () => {
    const secrets = ['/home/a']
    expect(installationOf('/home/a/.nvm/v20/bin', secrets)).to.equal('/home/a/.nvm/v20')
    for (const folder of ['/home/a/bin', '/home/a/.local/bin', '/home/a/.cargo/bin', '/home/bin', '/bin', '/x/y']) {
      expect(installationOf(folder, secrets)).to.equal(folder)
    }
  })

  it('lacks the outermost closed directory on the way to what is hidden', async () => {
    const data = join(home, 'clouds/one/n1')
    await mkdir(data, { recursive: true })
    await chmod(home, 0o755)
    await chmod(join(home, 'clouds'), 0o755)
    await chmod(join(home, 'clouds/one'), 0o700)
    expect(view({ shown: [home], hidden: [data] }).hidden).to.deep.equal([join(home, 'clouds/one')])
    expect(view({ hidden: [data] }).hidden).to.deep.equal([])
  })

  it('is laid out so that what is hidden covers what is shown, and doors and the task\'s own are seen in it', () => {
    const command = bubblewrapCommand({
      bwrap: 'bwrap', view: { links: [], shown: ['/a'], hidden: ['/a/data'], doors: ['/a/data/door'] },
      workDirectory: '/a/data/work', temporaryDirectory: '/t', network: 'none', ownUsers: true, filtered: true
    }).join(' ')
    const order = [
      '--unshare-user --unshare-net --seccomp 4', '--bind /t /tmp', '--ro-bind-try /a /a', '--tmpfs /a/data',
      '--ro-bind-try /a/data/door', '--bind /a/data/work', '--remount-ro /a/data',
      '--remount-ro / --chdir /a/data/work --'
    ]
    const places = order.map(part => command.indexOf(part))
    expect(places).to.not.include(-1)
    expect(places).to.deep.equal(places.toSorted((a, b) => a - b))
  })
})
