package io.meridian.gateway.internal.ads;

import io.meridian.gateway.internal.protocol.ProtocolLimits;
import java.time.Duration;

/** What bounds the streams; see GatewaySettings.Limits. */
public record StreamLimits(
        int streams, long bytesInFlight, Duration stallLimit, Duration meshWait, ProtocolLimits protocol) {}
