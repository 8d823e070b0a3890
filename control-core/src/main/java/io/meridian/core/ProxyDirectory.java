package io.meridian.core;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.model.position.MeshId;
import java.util.List;
import java.util.Optional;

/** The proxies that this region's gateways serve, as they last reported. Volatile; thread-safe. */
public interface ProxyDirectory {
    void report(ProxyReport report);

    /** The gateway is gone; its proxies are forgotten. */
    void gatewayGone(String gateway);

    List<ProxyStatus> list(Optional<MeshId> mesh);
}
