import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Adds up what a browser fetches until a page shows its first picture: the document, its scripts and style sheets and those of
 * the page, as packed as the gateway sends them. The build fails above `limit` kB. */
export const firstLoad = (page: string, limit: number): Plugin => ({
  name: "first-load",
  apply: "build",
  writeBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
    const files = new Set(["index.html"]);
    const add = (file: string) => {
      if (files.has(file)) return;
      files.add(file);
      const chunk = chunks.find(({ fileName }) => fileName === file);
      chunk?.imports.forEach(add);
      chunk?.viteMetadata?.importedCss.forEach(add);
    };
    const first = chunks.filter((one) => one.isEntry || one.facadeModuleId?.endsWith(page));
    if (first.length !== 2) this.error(`the first load has no chunk of ${page}`);
    for (const { fileName } of first) add(fileName);
    let packed = 0;
    for (const file of files) {
      const one = bundle[file];
      if (!one) this.error(`the first load needs ${file}, which was not written`);
      packed += gzipSync(one.type === "chunk" ? one.code : one.source, { level: 9 }).length;
    }
    const figure = `first load of ${page}: ${(packed / 1000).toFixed(1)} kB packed in ${files.size} files, at most ${limit}`;
    if (packed > limit * 1000) this.error(figure);
    console.log(figure);
  },
});
