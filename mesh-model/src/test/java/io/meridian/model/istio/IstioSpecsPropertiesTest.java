package io.meridian.model.istio;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.meridian.model.resource.CanonicalJson;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class IstioSpecsPropertiesTest {
    /** As manifests are read: a number keeps its digits. */
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private static final String VERSION = "networking.istio.io/v1";

    /** Istio's words put together at random: right names with values of wrong types, at wrong places. */
    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void specsOfTheRightWordsInTheWrongPlacesAreReadAndNeverThrow(@ForAll("specs") String json)
            throws JsonProcessingException {
        JsonNode tree = JSON.readTree(json);
        for (IstioKinds.Kind kind : IstioKinds.supported()) {
            var key = Specs.key(kind.kind());
            IstioSpecs.Parsed written = IstioSpecs.parse(key, VERSION, ByteString.copyFromUtf8(json));
            IstioSpecs.Parsed canonical = IstioSpecs.parse(key, VERSION, CanonicalJson.write(tree));

            assertThat(canonical.spec()).isEqualTo(written.spec());
            assertThat(canonical.isValid()).isEqualTo(written.isValid());
        }
    }

    @Provide
    Arbitrary<String> specs() {
        Arbitrary<String> value = Arbitraries.of(
                "1",
                "-1",
                "0",
                "8.0",
                "70000",
                "1e3",
                "1e400",
                "0.5",
                "true",
                "null",
                "\"\"",
                "\"a\"",
                "\"*\"",
                "\"5s\"",
                "\"./*\"",
                "\"SIMPLE\"",
                "\"HTTP\"",
                "\"10.0.0.1\"",
                "[]",
                "{}",
                "[\"a\",\"a\"]",
                "[null]",
                "{\"a\":null}");
        for (int depth = 0; depth < 3; depth++) {
            Arbitrary<String> inner = value;
            value = Arbitraries.frequencyOf(
                    Tuple.of(1, inner),
                    Tuple.of(2, objectOf(inner)),
                    Tuple.of(2, objectOf(inner).map(object -> "[" + object + "]")));
        }
        return objectOf(value);
    }

    private static Arbitrary<String> objectOf(Arbitrary<String> value) {
        Arbitrary<String> name = Arbitraries.of(
                "hosts",
                "host",
                "http",
                "tcp",
                "tls",
                "match",
                "route",
                "destination",
                "weight",
                "port",
                "number",
                "name",
                "uri",
                "exact",
                "prefix",
                "regex",
                "headers",
                "request",
                "set",
                "fault",
                "delay",
                "percentage",
                "value",
                "fixedDelay",
                "mirror",
                "retries",
                "attempts",
                "timeout",
                "redirect",
                "delegate",
                "gateways",
                "servers",
                "protocol",
                "mode",
                "subsets",
                "labels",
                "trafficPolicy",
                "loadBalancer",
                "simple",
                "consistentHash",
                "httpCookie",
                "portLevelSettings",
                "endpoints",
                "address",
                "ports",
                "addresses",
                "resolution",
                "workloadSelector",
                "exportTo",
                "egress",
                "ingress",
                "bind",
                "directResponse",
                "body",
                "corsPolicy",
                "allowOrigins",
                "rewrite",
                "sniHosts",
                "outlierDetection",
                "connectionPool");
        return name.set()
                .ofMinSize(1)
                .ofMaxSize(4)
                .flatMap(names -> value.list().ofSize(names.size()).map(values -> object(List.copyOf(names), values)));
    }

    private static String object(List<String> names, List<String> values) {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < names.size(); i++) {
            json.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(names.get(i))
                    .append("\":")
                    .append(values.get(i));
        }
        return json.append('}').toString();
    }
}
