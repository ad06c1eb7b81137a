import { Hono } from 'hono';
import { problem } from '../routes/problem.ts';
import { alertOperations } from './alerts.ts';
import { auditOperations } from './audit.ts';
import { changeOperations } from './changes.ts';
import { cleanseOperations } from './cleanse.ts';
import { configOperations } from './config.ts';
import { connectionOperations } from './connections.ts';
import { decisionOperations } from './decisions.ts';
import { deletionOperations } from './deletes.ts';
import { deliveryOperations } from './deliveries.ts';
import type { V1Deps } from './deps.ts';
import { type Document, docsPage } from './docs/page.ts';
import { DOCS_STYLE } from './docs/style.ts';
import { erasureOperations } from './erasures.ts';
import { exportOperations } from './export.ts';
import { failureOperations } from './failures.ts';
import { openApiDocument } from './frame/document.ts';
import { answer } from './frame/handle.ts';
import type { Operation } from './frame/operation.ts';
import { goldenOperations } from './golden.ts';
import { keyOperations } from './keys.ts';
import { mappingOperations } from './mappings.ts';
import { pairOperations } from './pairs.ts';
import { reconcileOperations } from './reconciles.ts';
import { reviewOperations } from './reviews.ts';
import { reviewDecisionOperations } from './reviewsDecide.ts';
import { runEventOperations } from './runEvents.ts';
import { runOperations } from './runs.ts';
import { syncOperations } from './syncs.ts';
import { tokenOperations } from './tokens.ts';
import { toolMergeOperations } from './toolMerges.ts';
import { trainOperations } from './train.ts';
import { transformOperations } from './transforms.ts';
import { webhookSecretOperations } from './webhookSecrets.ts';
import { weightOperations } from './weights.ts';
import { whatIfOperations } from './whatIf.ts';

/** Every operation of the API: a file a resource, a line here. The document lists them in this order. */
export const OPERATIONS: Operation[] = [
  ...connectionOperations,
  ...webhookSecretOperations,
  ...mappingOperations,
  ...transformOperations,
  ...syncOperations,
  ...runOperations,
  ...runEventOperations,
  ...reconcileOperations,
  ...goldenOperations,
  ...decisionOperations,
  ...erasureOperations,
  ...pairOperations,
  ...reviewOperations,
  ...reviewDecisionOperations,
  ...deletionOperations,
  ...toolMergeOperations,
  ...trainOperations,
  ...weightOperations,
  ...whatIfOperations,
  ...failureOperations,
  ...deliveryOperations,
  ...changeOperations,
  ...alertOperations,
  ...configOperations,
  ...keyOperations,
  ...tokenOperations,
  ...auditOperations,
  ...cleanseOperations,
  ...exportOperations,
];

/** `/v1/…`, and the document that describes it. */
export function v1Routes(deps: V1Deps): Hono {
  const app = new Hono();
  let made: ReturnType<typeof openApiDocument> | undefined;
  const document = () => {
    made ??= openApiDocument(OPERATIONS);
    return made;
  };
  app.get('/openapi.json', (c) => c.json(document(), 200, { 'Cache-Control': 'max-age=60' }));
  app.get('/docs', (c) => c.html(docsPage(document() as Document)));
  app.get('/docs.css', (c) =>
    c.body(DOCS_STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'max-age=300' }),
  );
  const paths = Map.groupBy(OPERATIONS, ({ path }) => path);
  for (const [path, operations] of paths) {
    const route = path.replaceAll(/\{(\w+)\}/g, ':$1');
    for (const operation of operations)
      app.on(operation.method.toUpperCase(), route, (c) => answer(c, operation, deps));
    const allowed = operations.map(({ method }) => method.toUpperCase()).join(', ');
    app.all(route, (c) => {
      c.header('Allow', allowed);
      return problem(c, 405, `${c.req.method} is not possible here`, { detail: `Use ${allowed}.` });
    });
  }
  return app;
}
