package io.meridian.chaos.nemesis;

import io.meridian.chaos.region.Gateway;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** kill -9 of one gateway, started again with its local copy when the fault heals. */
final class GatewayKill implements Nemesis {
    @Override
    public String name() {
        return "gateway-kill";
    }

    @Override
    public Lane lane() {
        return Lane.GATEWAY;
    }

    @Override
    public Fault start(Regions regions, Random random) throws IOException, InterruptedException {
        List<Gateway> gateways = regions.gateways();
        if (gateways.isEmpty()) {
            throw new UnsupportedOperationException("no gateways run");
        }
        Gateway victim = gateways.get(random.nextInt(gateways.size()));
        victim.kill9();
        return new Simple("kill -9 of " + victim.name(), Set.of(), victim::start);
    }
}
