import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';
import type { Log } from '../../connectors/contract.ts';
import type { Attributes, Named, Trace } from './trace.ts';

/**
 * Traces to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names, by OTLP over HTTP; undefined without it: the libraries are then
 * not even loaded. The exporter reads its other settings (headers, time-out) from the variables that OpenTelemetry defines.
 */
export async function startTracing(
  env: Record<string, string | undefined>,
  log: Log,
): Promise<Trace | undefined> {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint) return undefined;
  const [
    { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace },
    { BatchSpanProcessor, TracerProvider },
    exporter,
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const provider = new TracerProvider({
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new exporter.OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }),
      }),
    ],
  });
  const tracer = provider.getTracer('nayose');
  const current = new AsyncLocalStorage<Span>();
  const parent = () => {
    const span = current.getStore();
    return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
  };
  log.info('traces are sent', { to: new URL(endpoint).host });
  return {
    async span<T>(name: string, attributes: Attributes, work: () => Promise<T>, told?: (result: T) => Named) {
      const kind = current.getStore() ? SpanKind.INTERNAL : SpanKind.SERVER;
      const span = tracer.startSpan(name, { attributes, kind }, parent());
      try {
        const result = await current.run(span, work);
        const said = told?.(result);
        if (said?.name) span.updateName(said.name);
        if (said?.attributes) span.setAttributes(said.attributes);
        return result;
      } catch (error) {
        // The message may hold what a tool said; the kind of error says enough here, and the log the rest.
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
        throw error;
      } finally {
        span.end();
      }
    },
    apart: (work) => current.exit(work),
    ended(name, ms, attributes, failed) {
      const now = Date.now();
      const span = tracer.startSpan(
        name,
        { attributes, kind: SpanKind.CLIENT, startTime: now - ms },
        parent(),
      );
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(now);
    },
    stop: () => provider.shutdown(),
  };
}
