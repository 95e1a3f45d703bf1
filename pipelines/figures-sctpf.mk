# The figures of the paper of scTPF, each a goal that makes a table and a picture of it.
#
#   make -j 2 -f pipelines/figures-sctpf.mk DATA=pbmc.h5ad LABELS=cell_type CLUSTERS=8 SEEDS="0 1 2"
#
#   grid        figures over the margin ε and the number k of latent neighbors, as a surface
#   tsne        t-SNE of the codes, by cluster and by type
#   gradients   Λ_FR and Λ_FD over the epochs, with and without the filter F and the transform T
#   ablation    figures without F, without T, without both, and without each of the losses
#
# make OUT/GOAL.tsv and OUT/GOAL.png (PICTURE=svg or pdf). Without a goal all are made. A figure is
# made again only if its input or settings change, so that an interrupted run continues where it
# ended. PRESET=paper is the published schedule. Further settings: figures.mk.

.DEFAULT_GOAL := all
MODEL := sctpf
# The published grid.
MARGINS ?= 0.7 0.75 0.8 0.85 0.9
NEIGHBORS ?= 2 4 6 8 10
# Options of the filter, such as "--margin 0.7 --latent-neighbors 2"; runs without the filter omit
# them. Not for the grid.
FILTER ?=
own_settings = $(MARGINS) | $(NEIGHBORS) | $(FILTER)

include $(dir $(lastword $(MAKEFILE_LIST)))figures.mk
$(call require_list,MARGINS,$(number),numbers between blanks: MARGINS="0.7 0.8")
$(if $(word 2,$(MARGINS)),,$(call complain,MARGINS,a surface needs two values or more))
$(call require_list,NEIGHBORS,$(whole),whole numbers between blanks: NEIGHBORS="2 4")
$(if $(word 2,$(NEIGHBORS)),,$(call complain,NEIGHBORS,a surface needs two values or more))

.PHONY: all
all: grid tsne gradients ablation

$(eval $(call model_rule,sctpf,graph))

# One pair: OUT/seed0/grid-0.7-2.safetensors.
pairs := $(foreach margin,$(MARGINS),$(foreach neighbors,$(NEIGHBORS),grid-$(margin)-$(neighbors)))
$(foreach pair,$(pairs),$(eval $(call run_rule,$(pair),sctpf,--margin $(word 2,$(subst -, ,$(pair))) --latent-neighbors $(word 3,$(subst -, ,$(pair))))))
$(eval $(call figure_rule,grid,$(pairs),grid))

# Curves are compared over the same epochs: no run ends before its last one.
last = $(or $(EPOCHS),$(if $(filter default,$(PRESET)),32,200))
filtered = --min-epochs $(last) $(FILTER) --keep-snapshots
$(eval $(call run_rule,full,sctpf,$$(filtered)))
$(eval $(call run_rule,no-filter,sctpf,--keep-snapshots --no-filter))
$(eval $(call run_rule,no-transform,sctpf,$$(filtered) --no-transform))
$(eval $(call run_rule,no-filter-no-transform,sctpf,--keep-snapshots --no-filter --no-transform))
$(eval $(call run_rule,no-cluster-loss,sctpf,$$(filtered) --no-cluster-loss))
# The pretraining omits these losses too.
losses := no-adjacency-loss no-counts-loss
$(foreach name,$(losses),$(eval $(call model_rule,$(name),graph,--$(name))))
$(foreach name,$(losses),$(eval $(call run_rule,$(name),$(name),$$(filtered))))
variants := full no-filter no-transform no-filter-no-transform
$(eval $(call figure_rule,ablation,$(variants) $(losses) no-cluster-loss,scores))

# The table of the curves has a line an epoch and run.
$(eval $(call table_rule,gradients))
$(OUT)/gradients.tsv $(OUT)/gradients.$(PICTURE) &: $(call runs,$(variants)) $(OUT)/figure.settings
	$(call program,eval) --compare $(filter %.safetensors,$^) $(labels) --diagnose $(EVAL) --plot $(OUT)/gradients.$(PICTURE) \
	  --figures gradients --curves $(OUT)/gradients.tsv -o $(OUT)/gradients.figures.tsv

$(eval $(call run_rule,clusters,sctpf,$$(FILTER)))
$(eval $(call table_rule,tsne))
$(OUT)/tsne.tsv $(OUT)/tsne.$(PICTURE) &: $(call first_run,clusters) $(OUT)/figure.settings
	$(call program,eval) $< $(labels) $(EVAL) --plot $(OUT)/tsne.$(PICTURE) --figures layout -o $(OUT)/tsne.tsv
