import type { GitHub } from '../github/connect.ts';
import { isCode } from '../github/failures.ts';
import { createPages, getPages, pagesHealth, updatePages } from '../github/pages.ts';
import type { Hosting } from './hosting.ts';

/**
 * One policy host as the Pages site of this repository. Its files are deployed by the publish workflow from
 * `dist/policies/<domain>`; here the site is switched on and the name claimed. The workflow's own token may do neither:
 * then a person is told what to press, once.
 */
export function pagesHere(github: GitHub): Hosting {
  return {
    kind: 'pages-here',
    serve: async ({ host }) => {
      try {
        const pages = await getPages(github);
        if (pages === null) await createPages(github, 'workflow');
        if (pages?.cname !== host) await updatePages(github, { cname: host });
        return null;
      } catch (error) {
        if (!isCode(error, 'github-forbidden')) throw error;
        return `a person: Settings → Pages → Source "GitHub Actions", Custom domain ${host}`;
      }
    },
    prepare: async () => {
      if ((await getPages(github)) === null) await createPages(github, 'workflow');
      return null;
    },
    settle: async (host) => {
      const pages = await getPages(github);
      if (pages === null) return `the Pages site of ${host}`;
      if (pages.https_enforced) return null;
      if (pages.certificate === 'approved') {
        try {
          await updatePages(github, { https_enforced: true });
        } catch (error) {
          // The certificate is there, so the policy is served over HTTPS all the same.
          if (!isCode(error, 'github-forbidden')) throw error;
        }
        return null;
      }
      const health = await pagesHealth(github);
      const certificate = `the certificate of ${host} at GitHub (${pages.certificate ?? 'not begun'})`;
      return health.caa_allows === false ? `${certificate}: CAA records must allow letsencrypt.org` : certificate;
    },
    release: async (host) => {
      const pages = await getPages(github);
      if (pages?.cname !== host) return false;
      await updatePages(github, { cname: null });
      return true;
    },
  };
}
