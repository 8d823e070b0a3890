package io.meridian.server;

import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Istio's names for the meters that begin with {@code pilot.}, so that dashboards made for istiod find them: {@code
 * pilot_proxy_convergence_time} without the unit that Micrometer adds, {@code pilot_xds_pushes} without the {@code _total} that
 * Prometheus' writer adds to every counter. The others keep Micrometer's names.
 */
final class IstioMetricNames extends PrometheusNamingConvention {
    private static final String PREFIX = "pilot.";
    /** A sample, or the HELP or TYPE of one. */
    private static final Pattern COUNTER =
            Pattern.compile("^(# (?:HELP|TYPE) |)(pilot_\\w+)_total(?=[ {])", Pattern.MULTILINE);

    @Override
    public String name(String name, Meter.Type type, @Nullable String baseUnit) {
        return name.startsWith(PREFIX) ? name.replace('.', '_') : super.name(name, type, baseUnit);
    }

    /** The page that Prometheus scrapes, in its text format 0.0.4. */
    static String scrape(PrometheusMeterRegistry registry) {
        return COUNTER.matcher(registry.scrape()).replaceAll("$1$2");
    }
}
