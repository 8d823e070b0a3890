package io.meridian.compiler.translate;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.meridian.model.istio.OutlierDetection;
import java.util.OptionalInt;

/** Taking endpoints out of balancing that fail. What is unset is Envoy's default, which is Istio's too. */
final class OutlierEjection {
    private static final UInt32Value ALWAYS = ProtoValues.uint32(100);
    private static final UInt32Value NEVER = ProtoValues.uint32(0);

    private OutlierEjection() {}

    static void apply(Cluster.Builder cluster, OutlierDetection detection) {
        // Ejection by success rate, which Envoy does by itself, is not Istio's.
        var out = io.envoyproxy.envoy.config.cluster.v3.OutlierDetection.newBuilder()
                .setEnforcingSuccessRate(NEVER);
        OptionalInt errors = detection.consecutive5xxErrors();
        if (errors.isPresent()) {
            out.setConsecutive5Xx(ProtoValues.uint32(errors.getAsInt()))
                    .setEnforcingConsecutive5Xx(enforced(errors.getAsInt()));
        }
        OptionalInt gatewayErrors = detection.consecutiveGatewayErrors();
        if (gatewayErrors.isPresent()) {
            out.setConsecutiveGatewayFailure(ProtoValues.uint32(gatewayErrors.getAsInt()))
                    .setEnforcingConsecutiveGatewayFailure(enforced(gatewayErrors.getAsInt()));
        }
        detection.interval().ifPresent(interval -> out.setInterval(ProtoValues.duration(interval)));
        detection.baseEjectionTime().ifPresent(time -> out.setBaseEjectionTime(ProtoValues.duration(time)));
        int maxPercent = detection.maxEjectionPercent().orElse(0);
        if (maxPercent > 0) {
            out.setMaxEjectionPercent(ProtoValues.uint32(maxPercent));
        }
        if (detection.splitExternalLocalOriginErrors()) {
            splitErrors(out, detection);
        }
        cluster.setOutlierDetection(out);
        cluster.getCommonLbConfigBuilder()
                .setHealthyPanicThreshold(
                        ProtoValues.percent(detection.minHealthPercent().orElse(0)));
    }

    /** Failures to connect are then counted apart from answers of the service. */
    private static void splitErrors(
            io.envoyproxy.envoy.config.cluster.v3.OutlierDetection.Builder out, OutlierDetection detection) {
        out.setSplitExternalLocalOriginErrors(true).setEnforcingLocalOriginSuccessRate(NEVER);
        int failures = detection.consecutiveLocalOriginFailures().orElse(0);
        if (failures > 0) {
            out.setConsecutiveLocalOriginFailure(ProtoValues.uint32(failures))
                    .setEnforcingConsecutiveLocalOriginFailure(ALWAYS);
        }
    }

    /** 0 errors switch the kind off. */
    private static UInt32Value enforced(int errors) {
        return errors > 0 ? ALWAYS : NEVER;
    }
}
