import { createRequire } from 'node:module';
import type * as GraphqlJs from 'graphql';

/** The graphql that the schema is made with: the package has two builds, and Vite would give tests the other one. */
export const graphqlJs = createRequire(import.meta.url)('graphql') as typeof GraphqlJs;
