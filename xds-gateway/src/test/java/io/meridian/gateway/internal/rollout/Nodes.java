package io.meridian.gateway.internal.rollout;

import io.meridian.gateway.fixture.DeltaProxy;

/** Names of proxies that are on one side of half of all, whichever mesh they name. */
public final class Nodes {
    private Nodes() {}

    /** A name that {@link DeltaProxy#node} makes a node id of. */
    public static String named(boolean canary, String prefix) {
        for (int i = 0; ; i++) {
            String name = prefix + i;
            if ((RolloutPolicy.percentile(DeltaProxy.node(name, "").getId()) < 50) == canary) {
                return name;
            }
        }
    }
}
