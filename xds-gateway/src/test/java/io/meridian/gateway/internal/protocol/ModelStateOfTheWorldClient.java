package io.meridian.gateway.internal.protocol;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** The state-of-the-world variant of the model. */
final class ModelStateOfTheWorldClient extends ModelClient<StateOfTheWorldStream> {
    ModelStateOfTheWorldClient(Random random, Views views) {
        super(random, views);
    }

    @Override
    StateOfTheWorldStream open() {
        holdings.values().forEach(holding -> holding.nonce = "");
        return new StateOfTheWorldStream(false, sharing, LIMITS, now);
    }

    private DiscoveryRequest.Builder request(XdsType type, Holding holding) {
        DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder()
                .setTypeUrl(type.typeUrl())
                .setVersionInfo(holding.version)
                .setResponseNonce(holding.nonce)
                .addAllResourceNames(holding.wanted);
        if (holding.wildcard && !holding.legacy) {
            request.addResourceNames("*");
        }
        return request;
    }

    @Override
    void introduce(XdsType type, Holding holding) throws TooManyNamesException {
        if (!holding.wildcard && holding.wanted.isEmpty()) {
            // Nothing would mean everything.
            holding.requested = false;
            holding.held.clear();
            holding.version = "";
            return;
        }
        stream.onRequest(request(type, holding).build(), now);
    }

    @Override
    void subscribe(XdsType type, Holding holding, String name) throws TooManyNamesException {
        if (holding.legacy) {
            return;
        }
        holding.requested = true;
        holding.everRequested = true;
        holding.wanted.add(name);
        stream.onRequest(request(type, holding).build(), now);
    }

    @Override
    void unsubscribe(XdsType type, Holding holding, String name) throws TooManyNamesException {
        if (!holding.requested || !holding.wanted.remove(name)) {
            return;
        }
        if (!holding.wildcard) {
            holding.held.remove(name);
        }
        stream.onRequest(request(type, holding).build(), now);
    }

    @Override
    void wildcard(XdsType type, Holding holding, boolean on) throws TooManyNamesException {
        if (holding.legacy) {
            return;
        }
        if (on) {
            // One that never names anything gets everything.
            holding.legacy = !holding.everRequested && type.completeInStateOfTheWorld() && random.nextBoolean();
            holding.requested = true;
            holding.everRequested = true;
            holding.wildcard = true;
        } else if (holding.wildcard) {
            holding.wildcard = false;
            holding.held.keySet().retainAll(holding.wanted);
        } else {
            return;
        }
        stream.onRequest(request(type, holding).build(), now);
    }

    @Override
    void accept(Outgoing response, Holding holding) throws TooManyNamesException {
        if (typeOf(response).completeInStateOfTheWorld()) {
            holding.held.clear();
        }
        response.resources().forEach(resource -> {
            if (holding.wants(resource.name())) {
                holding.held.put(resource.name(), resource.version());
            }
        });
        holding.nonce = response.nonce();
        holding.version = response.version();
        stream.onRequest(request(typeOf(response), holding).build(), now);
    }

    @Override
    void refuse(Outgoing response, Holding holding) throws TooManyNamesException {
        if (typeOf(response).completeInStateOfTheWorld()) {
            // As Envoy does: what is absent goes, even if something else in the response was bad.
            Set<String> present =
                    response.resources().stream().map(XdsResource::name).collect(Collectors.toSet());
            holding.held.keySet().retainAll(present);
        }
        holding.nonce = response.nonce();
        stream.onRequest(
                request(typeOf(response), holding)
                        .setErrorDetail(Status.newBuilder().setCode(3).setMessage("refused"))
                        .build(),
                now);
    }

    @Override
    boolean toldOfAbsence(XdsType type) {
        return type.completeInStateOfTheWorld();
    }
}
