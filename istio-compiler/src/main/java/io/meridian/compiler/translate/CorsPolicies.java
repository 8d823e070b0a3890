package io.meridian.compiler.translate;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.meridian.model.istio.CorsPolicy;
import io.meridian.model.istio.CorsPolicy.UnmatchedPreflights;

/** CORS, as the configuration that a route gives to the CORS filter. */
final class CorsPolicies {
    private static final RuntimeFractionalPercent ALWAYS = RuntimeFractionalPercent.newBuilder()
            .setDefaultValue(FractionalPercent.newBuilder().setNumerator(100))
            .build();

    private CorsPolicies() {}

    static Any of(CorsPolicy cors) {
        var out = io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy.newBuilder()
                .addAllAllowOriginStringMatch(StringMatchers.strings(cors.allowOrigins()))
                .setAllowMethods(String.join(",", cors.allowMethods()))
                .setAllowHeaders(String.join(",", cors.allowHeaders()))
                .setExposeHeaders(String.join(",", cors.exposeHeaders()))
                .setFilterEnabled(ALWAYS)
                .setForwardNotMatchingPreflights(
                        ProtoValues.bool(cors.unmatchedPreflights() != UnmatchedPreflights.IGNORE));
        cors.maxAge().ifPresent(age -> out.setMaxAge(String.valueOf(age.toSeconds())));
        cors.allowCredentials().ifPresent(allowed -> out.setAllowCredentials(ProtoValues.bool(allowed)));
        return ProtoValues.any(out.build());
    }
}
