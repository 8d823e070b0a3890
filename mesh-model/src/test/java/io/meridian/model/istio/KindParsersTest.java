package io.meridian.model.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import io.meridian.model.istio.LoadBalancerSettings.HashKey;
import io.meridian.model.istio.LoadBalancerSettings.HashTable;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KindParsersTest {

    @Test
    void aDestinationRuleIsRead() {
        DestinationRule rule = (DestinationRule) Specs.accepted("DestinationRule", """
            host: shop
            exportTo: ["."]
            workloadSelector: {matchLabels: {app: web}}
            trafficPolicy:
              loadBalancer:
                consistentHash: {httpCookie: {name: user, ttl: 0s}, maglev: {tableSize: 65537}}
                localityLbSetting: {distribute: [{from: "eu/*", to: {"eu/*": 80, "us/*": 20}}]}
                warmup: {duration: 30s, minimumPercent: 5}
              connectionPool: {tcp: {maxConnections: 10, idleTimeout: 0s}, http: {h2UpgradePolicy: UPGRADE}}
              outlierDetection: {consecutive5xxErrors: 7, interval: 5m, maxEjectionPercent: 100}
              portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE}}]
            subsets:
            - name: v1
              labels: {version: v1}
              trafficPolicy: {loadBalancer: {simple: RANDOM}}
            """);

        TrafficPolicy policy = rule.trafficPolicy().orElseThrow();
        assertThat(policy.loadBalancer().orElseThrow().algorithm())
                .contains(new ConsistentHash(
                        new HashKey.Cookie("user", Optional.empty(), Optional.of(Duration.ZERO), java.util.List.of()),
                        new HashTable.Maglev(OptionalLong.of(65537))));
        assertThat(policy.forPort(443).orElseThrow().tls().orElseThrow().mode())
                .isEqualTo(ClientTlsSettings.Mode.SIMPLE);
        assertThat(policy.outlierDetection().orElseThrow().interval()).contains(Duration.ofMinutes(5));
        assertThat(rule.subset("v1").orElseThrow().labels()).isEqualTo(Map.of("version", "v1"));
        assertThat(rule.workloadSelector()).contains(Map.of("app", "web"));
    }

    @Test
    void aGatewayAServiceEntryASidecarAndAWorkloadEntryAreRead() {
        Gateway gateway = (Gateway) Specs.accepted("Gateway", """
            selector: {istio: ingressgateway}
            servers:
            - port: {number: 443, name: https, protocol: https}
              hosts: [shop/*.example.com, ./a.example.com]
              tls: {mode: SIMPLE, credentialName: cert, minProtocolVersion: TLSV1_2}
            - port: {number: 80, name: http, protocol: HTTP}
              hosts: ["*"]
              tls: {httpsRedirect: true}
            """);
        ServiceEntry entry = (ServiceEntry) Specs.accepted("ServiceEntry", """
            hosts: [api.example.com]
            location: MESH_EXTERNAL
            ports: [{number: 443, name: tls, protocol: TLS}]
            resolution: STATIC
            endpoints: [{address: 10.0.0.1, ports: {tls: 8443}, locality: eu/a, weight: 3}]
            """);
        Sidecar sidecar = (Sidecar) Specs.accepted("Sidecar", """
            workloadSelector: {labels: {app: web}}
            ingress: [{port: {number: 9080, protocol: HTTP, name: http}, defaultEndpoint: "127.0.0.1:8080"}]
            egress:
            - {port: {number: 9080, protocol: HTTP, name: e}, bind: 127.0.0.1, captureMode: NONE, hosts: ["./reviews"]}
            - hosts: ["*/*"]
            outboundTrafficPolicy: {mode: REGISTRY_ONLY}
            """);
        WorkloadEntry workload = (WorkloadEntry) Specs.accepted(
                "WorkloadEntry", "{address: 'fd00::1', labels: {app: a}, network: vm, serviceAccount: a}");

        assertThat(gateway.servers().getFirst().port().protocol()).isEqualTo(Protocol.HTTPS);
        assertThat(gateway.servers().getFirst().tls().orElseThrow().credentialNames())
                .containsExactly("cert");
        assertThat(entry.endpoints().getFirst().ports()).isEqualTo(Map.of("tls", 8443));
        assertThat(sidecar.egress().get(1).port()).isEmpty();
        assertThat(workload.network()).contains("vm");
    }

    @ParameterizedTest(name = "{0}: {1} -> {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "DestinationRule | {} | spec.host: is required",
                "DestinationRule | {host: a, subsets: [{name: v1}, {name: v1}]} | spec.subsets[1]: duplicate subset name",
                "DestinationRule | {host: a, subsets: [{name: V_1}]} | spec.subsets[0].name: \"V_1\" is not a valid subset name",
                "DestinationRule | {host: a, trafficPolicy: {}} | spec.trafficPolicy: must have at least one field",
                "DestinationRule | {host: a, trafficPolicy: {loadBalancer: {simple: BEST}}} | spec.trafficPolicy.loadBalancer.simple: must be one of UNSPECIFIED, LEAST_CONN, RANDOM",
                "DestinationRule | {host: a, trafficPolicy: {loadBalancer: {simple: RANDOM, consistentHash: {useSourceIp: true}}}} | spec.trafficPolicy.loadBalancer: must not have both simple and consistentHash",
                "DestinationRule | {host: a, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 100}}}}} | spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize: must be a prime number",
                "DestinationRule | {host: a, trafficPolicy: {tls: {mode: MUTUAL}}} | spec.trafficPolicy.tls: mode MUTUAL needs clientCertificate and privateKey",
                "DestinationRule | {host: a, trafficPolicy: {outlierDetection: {maxEjectionPercent: 101}}} | spec.trafficPolicy.outlierDetection.maxEjectionPercent: must be a whole number from 0 to 100",
                "DestinationRule | {host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: ['*']} | spec.exportTo: must be the own namespace only",
                "DestinationRule | {host: a, exportTo: ['*', b]} | spec.exportTo[0]: \"*\" must stand alone",
                "Gateway | {servers: []} | spec.servers: is required",
                "Gateway | {servers: [{port: {number: 80, name: a, protocol: XMPP}, hosts: ['*']}]} | spec.servers[0].port.protocol: must be one of HTTP",
                "Gateway | {servers: [{port: {number: 80, name: a, protocol: HTTP}}]} | spec.servers[0].hosts: is required",
                "Gateway | {servers: [{port: {number: 443, name: a, protocol: HTTPS}, hosts: ['*']}]} | spec.servers[0].tls: is required for protocol HTTPS",
                "Gateway | {servers: [{port: {number: 443, name: a, protocol: HTTPS}, hosts: ['*'], tls: {mode: MUTUAL, serverCertificate: a, privateKey: b}}]} | spec.servers[0].tls.caCertificates: is required in mode MUTUAL",
                "Gateway | {servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: ['a.*.b']}]} | spec.servers[0].hosts[0]: \"a.*.b\" is not a valid host",
                "ServiceEntry | {} | spec.hosts: is required",
                "ServiceEntry | {hosts: ['*']} | spec.hosts[0]: \"*\" is not allowed",
                "ServiceEntry | {hosts: ['*.a.com'], resolution: DNS} | spec.hosts[0]: must not be a wildcard where resolution is DNS",
                "ServiceEntry | {hosts: [a.com], addresses: [10.0.0.300]} | spec.addresses[0]: \"10.0.0.300\" is not an IP address or CIDR",
                "ServiceEntry | {hosts: [a.com], addresses: [10.0.0.0/8], resolution: DNS} | spec.addresses[0]: a CIDR is allowed only",
                "ServiceEntry | {hosts: [a.com], endpoints: [{address: 1.2.3.4}]} | spec.endpoints: must not be given where resolution is NONE",
                "ServiceEntry | {hosts: [a.com], resolution: STATIC, endpoints: [{address: b.com}]} | spec.endpoints[0].address: must be an IP address",
                "ServiceEntry | {hosts: [a.com], resolution: STATIC, endpoints: [{address: 1.2.3.4, ports: {x: 1}}]} | spec.endpoints[0].ports[x]: the service has no port named \"x\"",
                "ServiceEntry | {hosts: [a.com], ports: [{number: 80, name: a}, {number: 80, name: b}]} | spec.ports[1].number: duplicate port 80",
                "ServiceEntry | {hosts: [a.com, b.com], resolution: STATIC, ports: [{number: 80, name: a, protocol: TCP}]} | spec.ports[0].protocol: with several hosts",
                "Sidecar | {} | spec: must have at least one of ingress",
                "Sidecar | {egress: [{hosts: [reviews]}]} | spec.egress[0].hosts[0]: must be of the form namespace/host",
                "Sidecar | {egress: [{hosts: ['*/*']}, {hosts: ['./*']}]} | spec.egress[0].port: is required except in the last listener",
                "Sidecar | {ingress: [{port: {number: 80}, defaultEndpoint: '10.0.0.1:80'}]} | spec.ingress[0].defaultEndpoint: must be 127.0.0.1:PORT",
                "WorkloadEntry | {} | spec.address: is required",
                "WorkloadEntry | {address: 'unix:///a', ports: {x: 1}} | spec.ports: must not be given",
                "WorkloadEntry | {address: a_b} | spec.address: \"a_b\" is not a valid host",
            })
    void aWrongFieldIsRefusedAtItsPlace(String kind, String yaml, String error) {
        assertThat(Specs.errors(kind, yaml))
                .singleElement()
                .satisfies(found -> assertThat(found).startsWith(error));
    }

    @ParameterizedTest
    @CsvSource({
        "vs,VirtualService",
        "VirtualServices,VirtualService",
        "dr,DestinationRule",
        "serviceentry,ServiceEntry",
        "gateways.networking.istio.io,Gateway",
        "se,ServiceEntry",
        "workloadentries,WorkloadEntry"
    })
    void kindsAreFoundByAnyName(String name, String kind) {
        assertThat(IstioKinds.named(name)).map(IstioKinds.Kind::kind).contains(kind);
    }

    @Test
    void theSpecsOfOldVersionsAreReadAsFarAsTheyCanBe() {
        IstioSpecs.Parsed parsed = Specs.parse("DestinationRule", "{host: a, gone: true, subsets: [{name: v1}, 5]}");

        assertThat(parsed.isValid()).isFalse();
        assertThat(((DestinationRule) parsed.spec()).host()).isEqualTo("a");
        assertThat(((DestinationRule) parsed.spec()).subset("v1")).isPresent();
    }
}
