package io.meridian.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;

/** The arrows of docs/architecture.md are the only ones. */
@AnalyzeClasses(packages = "io.meridian", importOptions = ImportOption.DoNotIncludeTests.class)
final class ModuleRulesTest {
    @ArchTest
    static final ArchRule ONLY_THE_ALLOWED_ARROWS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("mesh-api")
            .definedBy("io.meridian.api..")
            .layer("mesh-model")
            .definedBy("io.meridian.model..")
            .layer("istio-compiler")
            .definedBy("io.meridian.compiler..")
            .layer("persistence")
            .definedBy("io.meridian.persistence..")
            .layer("control-core")
            .definedBy("io.meridian.core..")
            .layer("region-replicator")
            .definedBy("io.meridian.replicator..")
            .layer("replicator-kafka")
            .definedBy("io.meridian.kafka..")
            .layer("xds-gateway")
            .definedBy("io.meridian.gateway..")
            .layer("server")
            .definedBy("io.meridian.server..")
            .whereLayer("mesh-api")
            .mayNotAccessAnyLayer()
            .whereLayer("mesh-model")
            .mayOnlyAccessLayers("mesh-api")
            .whereLayer("istio-compiler")
            .mayOnlyAccessLayers("mesh-model", "mesh-api")
            .whereLayer("persistence")
            .mayOnlyAccessLayers("mesh-model", "mesh-api")
            .whereLayer("control-core")
            .mayOnlyAccessLayers("persistence", "mesh-model", "mesh-api")
            .whereLayer("region-replicator")
            .mayOnlyAccessLayers("control-core", "mesh-model", "mesh-api")
            .whereLayer("replicator-kafka")
            .mayOnlyAccessLayers("region-replicator", "control-core", "mesh-model", "mesh-api")
            .whereLayer("xds-gateway")
            .mayOnlyAccessLayers("istio-compiler", "mesh-model", "mesh-api")
            .whereLayer("server")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule INTERNAL_PACKAGES_BELONG_TO_THEIR_MODULE =
            ArchRuleDefinition.classes().should(useInternalsOfTheirOwnModuleOnly());

    @ArchTest
    static final ArchRule THE_PURE_MODULES_KNOW_NO_ACTORS_AND_NO_NETWORK = noClasses()
            .that()
            .resideInAnyPackage("io.meridian.model..", "io.meridian.compiler..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.pekko..", "io.grpc.stub..", "io.netty..", "java.net..", "java.sql..");

    @ArchTest
    static final ArchRule KAFKA_IS_KNOWN_IN_ITS_OWN_MODULE_ONLY = noClasses()
            .that()
            .resideOutsideOfPackage("io.meridian.kafka..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule CASSANDRAS_DRIVER_IS_KNOWN_IN_ITS_OWN_PACKAGE_ONLY = noClasses()
            .that()
            .resideOutsideOfPackage("io.meridian.persistence.internal.cassandra..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.datastax..");

    private static ArchCondition<JavaClass> useInternalsOfTheirOwnModuleOnly() {
        return new ArchCondition<>("use only their own module's internal packages") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                item.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> INTERNAL.test(dependency.getTargetClass()))
                        .filter(dependency ->
                                !module(dependency.getTargetClass()).equals(module(item)))
                        .forEach(dependency ->
                                events.add(SimpleConditionEvent.violated(item, dependency.getDescription())));
            }
        };
    }

    private static final DescribedPredicate<JavaClass> INTERNAL =
            JavaClass.Predicates.resideInAPackage("io.meridian..internal..");

    /** "core" of io.meridian.core.internal.X */
    private static String module(JavaClass type) {
        String[] parts = type.getPackageName().split("\\.", -1);
        return parts.length > 2 ? parts[2] : "";
    }
}
